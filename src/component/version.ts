/** Which program this is, and which Kubernetes it says it is. */
export const KUBELING_VERSION = "0.1.0";
export const KUBERNETES_VERSION = "v1.30.0";

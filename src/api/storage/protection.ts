/**
 * The finalizers that hold volumes and claims as long as they are in use.
 *
 * In Kubernetes: pkg/volume/util/finalizer.go
 */
export const CLAIM_PROTECTION = "kubernetes.io/pvc-protection";
export const VOLUME_PROTECTION = "kubernetes.io/pv-protection";

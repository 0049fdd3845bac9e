/**
 * The controllers of a cluster in one process share one identity, system:kube-controller-manager, which by its
 * own role may hardly do more than look. This binding lets it do the work of them all.
 *
 * In Kubernetes: kubeadm starts the controller manager with --use-service-account-credentials, and each controller
 * has the role of its own name (system:controller:...).
 */

import { isAlreadyExists } from "../api/errors.ts";
import { ClusterRoleBinding } from "../api/rbac/cluster-role-binding.ts";
import type { ApiServer } from "../apiserver/apiserver.ts";
import { Client } from "../client/client.ts";

const API_GROUP = "rbac.authorization.k8s.io";

export async function letControllersWork({ transport }: ApiServer): Promise<void> {
  const binding: ClusterRoleBinding = {
    apiVersion: `${API_GROUP}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name: "kubeling:controllers" },
    roleRef: { apiGroup: API_GROUP, kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{ kind: "User", apiGroup: API_GROUP, name: "system:kube-controller-manager" }],
  };
  const client = new Client(transport);
  try {
    await client.create(ClusterRoleBinding, "", binding);
    // A read sees what was written, and so does the authorizer from then on.
    await client.get(ClusterRoleBinding, "", binding.metadata.name);
  } catch (error) {
    // It was made at an earlier start.
    if (!isAlreadyExists(error)) throw error;
  }
}

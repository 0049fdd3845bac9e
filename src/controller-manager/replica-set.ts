/**
 * The controller of ReplicaSets: keeps as many pods as each asks for, as the replication controller
 * does (replication.ts). It differs in what a selector can say, and in whom its pods should keep away
 * from: the versions of one Deployment count as one crowd when it is decided which pod of a node goes.
 *
 * In Kubernetes: pkg/controller/replicaset/replica_set.go.
 */
import { ReplicaSet } from "../api/apps/replica-set.ts";
import { labelMatcher } from "../api/labels.ts";
import { controllerOf } from "../api/owner.ts";
import { Pod } from "../api/pod.ts";
import type { SyncContext } from "../client/control-loop.ts";
import { replicaController } from "./replication.ts";

export const replicaSetController = replicaController({
  name: "replicaset-controller",
  kind: ReplicaSet,
  selectorOf: ({ spec }) => labelMatcher(spec.selector),
  neighbours: (replicaSet, _active, context) => podsOfSiblings(replicaSet, context),
});

/** The pods of all ReplicaSets with the same owner, its own too; without an owner it has no such crowd. */
function podsOfSiblings(replicaSet: ReplicaSet, { cached }: SyncContext): Pod[] {
  const deployment = controllerOf(replicaSet);
  if (deployment === undefined) return [];
  const siblings = cached(ReplicaSet).by("owner", deployment.uid);
  return siblings.flatMap(({ metadata }) => cached(Pod).by("owner", metadata.uid ?? ""));
}

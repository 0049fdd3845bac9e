/**
 * The resources of the legacy versions: their names, how they are converted, and the fields they could be
 * selected by.
 *
 * In Kubernetes: the storage map in pkg/master/master.go and addConversionFuncs in pkg/api/v1beta1 (v0.14)
 */
import { Endpoints } from "../../api/endpoints.ts";
import { Event } from "../../api/event.ts";
import type { Kind, KubeObject } from "../../api/kind.ts";
import { Namespace } from "../../api/namespace.ts";
import { Node } from "../../api/node.ts";
import { Pod } from "../../api/pod.ts";
import { ReplicationController } from "../../api/replication-controller.ts";
import { Service } from "../../api/service.ts";
import {
  flatEndpoints,
  flatEvent,
  flatMinion,
  flatNamespace,
  flatReplicationController,
  flatService,
} from "./flat-kinds.ts";
import type { Place } from "./flat-meta.ts";
import { flatPod } from "./flat-pod.ts";
import type { Json } from "./omit-empty.ts";
import {
  v1beta3Endpoints,
  v1beta3Event,
  v1beta3Namespace,
  v1beta3Node,
  v1beta3Pod,
  v1beta3ReplicationController,
  v1beta3Service,
} from "./v1beta3.ts";

export interface LegacyResource<T extends KubeObject = KubeObject> {
  kind: Kind<T>;
  /** In v1beta1 and v1beta2, where capitals count. */
  flatNames: readonly string[];
  /** In v1beta1 and v1beta2: the field of v1 each selectable field is. */
  flatFields: Readonly<Record<string, string>>;
  v1beta3Fields: Readonly<Record<string, string>>;
  toFlat(obj: T, place: Place): Json;
  toV1beta3(obj: T): Json;
}

const NAME = { "metadata.name": "metadata.name" };
const EVENT_FIELDS = {
  ...Object.fromEntries(
    ["kind", "namespace", "uid", "apiVersion", "resourceVersion", "fieldPath"].map((field) => [
      `involvedObject.${field}`,
      `involvedObject.${field}`,
    ]),
  ),
  "involvedObject.name": "involvedObject.name",
  reason: "reason",
  source: "source",
};

/** Each entry knows its own kind; to the list they are all alike. */
function resource<T extends KubeObject>(entry: LegacyResource<T>): LegacyResource {
  return entry as unknown as LegacyResource;
}

export const legacyResources: readonly LegacyResource[] = [
  resource({
    kind: Pod,
    flatNames: ["pods"],
    flatFields: {
      name: "metadata.name",
      "DesiredState.Host": "spec.nodeName",
      "DesiredState.Status": "status.phase",
    },
    v1beta3Fields: { ...NAME, "spec.host": "spec.nodeName", "status.phase": "status.phase" },
    toFlat: flatPod,
    toV1beta3: v1beta3Pod,
  }),
  resource({
    kind: ReplicationController,
    flatNames: ["replicationControllers"],
    flatFields: { name: "metadata.name", "currentState.replicas": "status.replicas" },
    v1beta3Fields: { ...NAME, "status.replicas": "status.replicas" },
    toFlat: flatReplicationController,
    toV1beta3: v1beta3ReplicationController,
  }),
  resource({
    kind: Service,
    flatNames: ["services"],
    flatFields: {},
    v1beta3Fields: NAME,
    toFlat: flatService,
    toV1beta3: v1beta3Service,
  }),
  resource({
    kind: Endpoints,
    flatNames: ["endpoints"],
    flatFields: {},
    v1beta3Fields: NAME,
    toFlat: flatEndpoints,
    toV1beta3: v1beta3Endpoints,
  }),
  resource({
    kind: Node,
    flatNames: ["minions", "nodes"],
    flatFields: {},
    v1beta3Fields: NAME,
    toFlat: flatMinion,
    toV1beta3: v1beta3Node,
  }),
  resource({
    kind: Event,
    flatNames: ["events"],
    flatFields: { ...EVENT_FIELDS, "involvedObject.id": "involvedObject.name" },
    v1beta3Fields: { ...NAME, ...EVENT_FIELDS },
    toFlat: flatEvent,
    toV1beta3: v1beta3Event,
  }),
  resource({
    kind: Namespace,
    flatNames: ["namespaces"],
    flatFields: { "status.phase": "status.phase" },
    v1beta3Fields: { ...NAME, "status.phase": "status.phase" },
    toFlat: flatNamespace,
    toV1beta3: v1beta3Namespace,
  }),
];

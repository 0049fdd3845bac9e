/** Every kind this cluster knows, core group first. A kind that is not in this list does not exist. */
import { admissionregistrationKinds } from "./admissionregistration/kinds.ts";
import { apiextensionsKinds } from "./apiextensions/kinds.ts";
import { apiregistrationKinds } from "./apiregistration/kinds.ts";
import { appsKinds } from "./apps/kinds.ts";
import { authenticationKinds } from "./authentication/kinds.ts";
import { authorizationKinds } from "./authorization/kinds.ts";
import { HorizontalPodAutoscalerInV1 } from "./autoscaling/horizontal-pod-autoscaler-v1.ts";
import { autoscalingKinds } from "./autoscaling/kinds.ts";
import { batchKinds } from "./batch/kinds.ts";
import { Binding } from "./binding.ts";
import { certificatesKinds } from "./certificates/kinds.ts";
import { ComponentStatus } from "./component-status.ts";
import { ConfigMap } from "./config-map.ts";
import { discoveryKinds } from "./discovery/kinds.ts";
import { Endpoints } from "./endpoints.ts";
import { Event } from "./event.ts";
import { eventShapes, eventsKinds } from "./events/kinds.ts";
import { flowcontrolKinds } from "./flowcontrol/kinds.ts";
import type { Kind } from "./kind.ts";
import { Lease } from "./lease.ts";
import { LimitRange } from "./limit-range.ts";
import { Namespace } from "./namespace.ts";
import { networkingKinds } from "./networking/kinds.ts";
import { nodeKinds } from "./node/kinds.ts";
import { Node } from "./node.ts";
import { PersistentVolume } from "./persistent-volume.ts";
import { PersistentVolumeClaim } from "./persistent-volume-claim.ts";
import { Pod } from "./pod.ts";
import { PodTemplate } from "./pod-template.ts";
import { policyKinds } from "./policy/kinds.ts";
import { rbacKinds } from "./rbac/kinds.ts";
import { ReplicationController } from "./replication-controller.ts";
import { ResourceQuota } from "./resource-quota.ts";
import { schedulingKinds } from "./scheduling/kinds.ts";
import { Secret } from "./secret.ts";
import type { OtherVersion } from "./served-versions.ts";
import { Service } from "./service.ts";
import { ServiceAccount } from "./service-account.ts";
import { storageKinds } from "./storage/kinds.ts";

export const kinds: readonly Kind[] = [
  Binding,
  ComponentStatus,
  ConfigMap,
  Endpoints,
  Event,
  LimitRange,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodTemplate,
  ReplicationController,
  ResourceQuota,
  Secret,
  ServiceAccount,
  Service,
  Lease,
  ...appsKinds,
  ...batchKinds,
  ...autoscalingKinds,
  ...policyKinds,
  ...networkingKinds,
  ...discoveryKinds,
  ...eventsKinds,
  ...rbacKinds,
  ...storageKinds,
  ...schedulingKinds,
  ...nodeKinds,
  ...certificatesKinds,
  ...apiextensionsKinds,
  ...admissionregistrationKinds,
  ...apiregistrationKinds,
  ...flowcontrolKinds,
  ...authenticationKinds,
  ...authorizationKinds,
];

/** Versions of kinds that have a shape of their own, each kept as another kind (served-versions.ts). */
export const otherShapes: readonly OtherVersion[] = [HorizontalPodAutoscalerInV1, ...eventShapes];

/**
 * A PriorityLevelConfiguration: how many requests of one level are answered at a time, as a share of what the API
 * server answers in all, and what becomes of those that are too many.
 *
 * In Kubernetes: pkg/registry/flowcontrol/prioritylevelconfiguration/strategy.go, pkg/apis/flowcontrol/v1/defaults.go
 */
import type {
  LimitedPriorityLevelConfiguration,
  PriorityLevelConfigurationSpec,
  PriorityLevelConfigurationStatus,
  QueuingConfiguration,
} from "kubernetes-types/flowcontrol/v1.js";
import { ageColumn, nameColumn } from "../columns.ts";
import { type Column, defineKind, type KubeObject } from "../kind.ts";
import { validatePriorityLevel } from "./priority-level-validation.ts";

export interface PriorityLevelConfiguration extends KubeObject {
  spec: PriorityLevelConfigurationSpec;
  status?: PriorityLevelConfigurationStatus;
}

type Level = PriorityLevelConfiguration;

const number = (
  name: string,
  description: string,
  value: (limited: LimitedPriorityLevelConfiguration) => number | undefined,
): Column<Level> => ({
  ...{ name, type: "string", description },
  value: ({ spec }) => (spec.limited && value(spec.limited)) ?? "<none>",
});
const queuing =
  (field: keyof QueuingConfiguration) => (limited: LimitedPriorityLevelConfiguration) =>
    limited.limitResponse?.queuing?.[field];

const columns: Column<Level>[] = [
  nameColumn,
  {
    name: "Type",
    type: "string",
    description:
      '`type` indicates whether this priority level is subject to limitation on request execution.  A value of `"Exempt"` means that requests of this priority level are not subject to a limit (and thus are never queued) and do not detract from the capacity made available to other priority levels.  A value of `"Limited"` means that (a) requests of this priority level _are_ subject to limits and (b) some of the server\'s limited capacity is made available exclusively to this priority level. Required.',
    value: ({ spec }) => spec.type,
  },
  number(
    "NominalConcurrencyShares",
    "How large its share is.",
    (one) => one.nominalConcurrencyShares,
  ),
  number("Queues", "`queues` is the number of queues for this priority level.", queuing("queues")),
  number("HandSize", "How many of the queues a flow may use.", queuing("handSize")),
  number("QueueLengthLimit", "How many requests may wait in a queue.", queuing("queueLengthLimit")),
  ageColumn,
];

export const PriorityLevelConfiguration = defineKind<Level>({
  group: "flowcontrol.apiserver.k8s.io",
  version: "v1",
  kind: "PriorityLevelConfiguration",
  plural: "prioritylevelconfigurations",
  namespaced: false,
  storagePrefix: "prioritylevelconfigurations",
  schema: "io.k8s.api.flowcontrol.v1.PriorityLevelConfiguration",
  hasStatus: true,
  hasGeneration: true,
  columns,
  setDefaults(level) {
    level.spec ??= {} as PriorityLevelConfigurationSpec;
    const { spec } = level;
    if (spec.type === "Exempt") {
      spec.exempt ??= {};
      spec.exempt.nominalConcurrencyShares ??= 0;
      spec.exempt.lendablePercent ??= 0;
    }
    if (spec.limited) setLimitedDefaults(spec.limited);
    level.status ??= {};
  },
  prepareForCreate(level) {
    level.metadata.generation = 1;
    level.status = {};
  },
  validate: validatePriorityLevel,
  example: {
    apiVersion: "flowcontrol.apiserver.k8s.io/v1",
    kind: "PriorityLevelConfiguration",
    metadata: { name: "example" },
    spec: {
      type: "Limited",
      limited: {
        nominalConcurrencyShares: 5,
        limitResponse: {
          type: "Queue",
          queuing: { queues: 16, handSize: 4, queueLengthLimit: 50 },
        },
      },
    },
  },
});

function setLimitedDefaults(limited: LimitedPriorityLevelConfiguration): void {
  limited.nominalConcurrencyShares ??= 30;
  limited.lendablePercent ??= 0;
  const queues = limited.limitResponse?.queuing;
  if (!queues) return;
  queues.handSize ||= 8;
  queues.queues ||= 64;
  queues.queueLengthLimit ||= 50;
}

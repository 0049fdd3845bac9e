/**
 * The configuration file of today's schedulers (--config):
 *
 *   apiVersion: kubescheduler.config.k8s.io/v1
 *   kind: KubeSchedulerConfiguration
 *   profiles:
 *     - schedulerName: default-scheduler
 *       plugins: {score: {disabled: [{name: ImageLocality}]}}
 *       pluginConfig: [{name: NodeResourcesFit, args: {scoringStrategy: {type: MostAllocated}}}]
 *
 * Its rule: what can't be carried out is refused by name.
 *
 * In Kubernetes: staging/src/k8s.io/kube-scheduler/config/v1/types.go, pkg/scheduler/apis/config/validation
 */
import { parse } from "yaml";
import { parseDuration } from "../component/duration.ts";
import { type ConfiguredProfile, profileOf } from "./configured-profile.ts";
import type { ExtenderOptions } from "./extender.ts";
import { type ExtenderTlsConfig, extenderTls } from "./extender-tls.ts";
import type { SchedulerOptions } from "./scheduler.ts";

interface ConfiguredExtender
  extends Omit<ExtenderOptions, "managedResources" | "httpTimeoutMs" | "tls"> {
  httpTimeout?: string;
  managedResources?: { name: string; ignoredByScheduler?: boolean }[];
  enableHTTPS?: boolean;
  tlsConfig?: ExtenderTlsConfig;
}

interface Configuration {
  apiVersion?: string;
  kind?: string;
  parallelism?: number;
  percentageOfNodesToScore?: number;
  podInitialBackoffSeconds?: number;
  podMaxBackoffSeconds?: number;
  profiles?: ConfiguredProfile[];
  extenders?: ConfiguredExtender[];
  clientConnection?: { kubeconfig?: string; qps?: number; burst?: number };
  leaderElection?: {
    leaderElect?: boolean;
    leaseDuration?: string;
    renewDeadline?: string;
    retryPeriod?: string;
    resourceLock?: string;
    resourceName?: string;
    resourceNamespace?: string;
  };
}

export interface ReadConfiguration {
  scheduler: SchedulerOptions;
  /** What the file says in place of flags. */
  flags: Record<string, string | number | boolean>;
}

const API_VERSION = "kubescheduler.config.k8s.io/v1";
const KIND = "KubeSchedulerConfiguration";

/** Throws an Error in one sentence where the configuration can't be carried out. */
export function readConfiguration(text: string): ReadConfiguration {
  const configuration = parseConfiguration(text);
  validate(configuration);
  const { percentageOfNodesToScore, profiles = [{}], extenders = [] } = configuration;
  const { podInitialBackoffSeconds = 1, podMaxBackoffSeconds = 10 } = configuration;
  const ignoredResources = extenders.flatMap(({ managedResources = [] }) =>
    managedResources.filter((one) => one.ignoredByScheduler).map(({ name }) => name),
  );
  const common = percentageOfNodesToScore === undefined ? {} : { percentageOfNodesToScore };
  return {
    scheduler: {
      profiles: profiles.map((one) => ({ ...common, ...profileOf(one, ignoredResources) })),
      extenders: extenders.map(extenderOf),
      backoff: {
        initialMs: podInitialBackoffSeconds * 1_000,
        maxMs: podMaxBackoffSeconds * 1_000,
      },
    },
    flags: flagsOf(configuration),
  };
}

function parseConfiguration(text: string): Configuration {
  const parsed: unknown = parse(text);
  const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
  const { apiVersion = "", kind = "" } = isObject ? (parsed as Configuration) : {};
  if (apiVersion === API_VERSION && kind === KIND) return parsed as Configuration;
  throw new Error(
    `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}` +
      ` (expected ${KIND} of ${API_VERSION})`,
  );
}

function validate(configuration: Configuration): void {
  const binders = (configuration.extenders ?? []).filter(({ bindVerb }) => bindVerb).length;
  if (binders > 1) {
    const found = `found ${binders} extenders implementing bind`;
    throw invalid("extenders", found, "only one extender can implement bind");
  }
  const { parallelism = 16, percentageOfNodesToScore: share = 0, profiles } = configuration;
  const { podInitialBackoffSeconds: first = 1, podMaxBackoffSeconds: most = 10 } = configuration;
  if (parallelism <= 0) {
    throw invalid("parallelism", parallelism, "should be an integer value greater than zero");
  }
  if (share < 0 || share > 100) {
    throw invalid("percentageOfNodesToScore", share, "not in valid range [0-100]");
  }
  if (first <= 0) throw invalid("podInitialBackoffSeconds", first, "must be greater than 0");
  if (most < first) {
    const why = "must be greater than or equal to PodInitialBackoffSeconds";
    throw invalid("podMaxBackoffSeconds", most, why);
  }
  if (profiles?.length === 0) throw new Error("profiles: Required value");
  const names = (profiles ?? []).map(({ schedulerName = "default-scheduler" }) => schedulerName);
  const twice = names.findIndex((name, i) => names.indexOf(name) !== i);
  if (twice === -1) return;
  const at = `profiles[${twice}].schedulerName`;
  throw new Error(`${at}: Duplicate value: ${JSON.stringify(names[twice])}`);
}

function invalid(field: string, value: unknown, why: string): Error {
  return new Error(`${field}: Invalid value: ${JSON.stringify(value)}: ${why}`);
}

function extenderOf(one: ConfiguredExtender, index: number): ExtenderOptions {
  const { httpTimeout, managedResources, enableHTTPS, tlsConfig, ...same } = one;
  const { prioritizeVerb = "", weight = 0 } = same;
  if (prioritizeVerb !== "" && weight <= 0) {
    const why = "must have a positive weight applied to it";
    throw invalid(`extenders[${index}].weight`, weight, why);
  }
  return {
    ...same,
    ...(httpTimeout === undefined ? {} : { httpTimeoutMs: parseDuration(httpTimeout) }),
    ...(managedResources ? { managedResources: managedResources.map(({ name }) => name) } : {}),
    ...(enableHTTPS || tlsConfig
      ? { tls: extenderTls(tlsConfig, { isHttps: enableHTTPS ?? false }) }
      : {}),
  };
}

function flagsOf({ clientConnection = {}, leaderElection = {} }: Configuration) {
  const { kubeconfig, qps, burst } = clientConnection;
  const { leaderElect, leaseDuration, renewDeadline, retryPeriod } = leaderElection;
  const { resourceLock, resourceName, resourceNamespace } = leaderElection;
  const given = {
    kubeconfig,
    "kube-api-qps": qps,
    "kube-api-burst": burst,
    "leader-elect": leaderElect,
    "leader-elect-lease-duration": leaseDuration && parseDuration(leaseDuration),
    "leader-elect-renew-deadline": renewDeadline && parseDuration(renewDeadline),
    "leader-elect-retry-period": retryPeriod && parseDuration(retryPeriod),
    "leader-elect-resource-lock": resourceLock,
    "leader-elect-resource-name": resourceName,
    "leader-elect-resource-namespace": resourceNamespace,
  };
  const said = Object.entries(given).filter(([, value]) => value !== undefined && value !== "");
  return Object.fromEntries(said) as ReadConfiguration["flags"];
}

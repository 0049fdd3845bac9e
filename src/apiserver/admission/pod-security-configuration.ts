/**
 * What --admission-control-config-file says of PodSecurity: what holds where a namespace says nothing, and who
 * is exempt.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/admission/config.go,
 * staging/src/k8s.io/pod-security-admission/admission/api
 */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";
import {
  LEVELS,
  type Level,
  type LevelVersion,
  MODES,
  minorOf,
  type Policy,
  PRIVILEGED,
} from "./pod-security-policy.ts";

export interface PodSecurityConfiguration {
  defaults: Policy;
  exempt: {
    namespaces: ReadonlySet<string>;
    users: ReadonlySet<string>;
    runtimeClasses: ReadonlySet<string>;
  };
}

interface ConfigurationFile {
  kind?: string;
  plugins?: { name: string; configuration?: Configuration; path?: string }[];
}

interface Configuration {
  kind?: string;
  defaults?: Record<string, string>;
  exemptions?: { usernames?: string[]; namespaces?: string[]; runtimeClasses?: string[] };
}

const NAME = "PodSecurity";

/** undefined: the file says nothing of it. Throws for what it cannot make sense of. */
export function readPodSecurityConfiguration(path: string): PodSecurityConfiguration | undefined {
  const file = yamlIn<ConfigurationFile>(path);
  if (file?.kind !== "AdmissionConfiguration") {
    throw new Error(`${path}: no kind AdmissionConfiguration but ${file?.kind ?? "none"}`);
  }
  const plugin = file.plugins?.find(({ name }) => name === NAME);
  if (plugin === undefined) return undefined;
  const own =
    plugin.configuration ?? yamlIn<Configuration>(resolve(dirname(path), plugin.path ?? ""));
  const { usernames = [], namespaces = [], runtimeClasses = [] } = own?.exemptions ?? {};
  return {
    defaults: defaultsOf(own?.defaults ?? {}),
    exempt: {
      namespaces: new Set(namespaces),
      users: new Set(usernames),
      runtimeClasses: new Set(runtimeClasses),
    },
  };
}

function yamlIn<T>(path: string): T | null {
  return parse(readFileSync(path, "utf8"), { version: "1.1" }) as T | null;
}

function defaultsOf(given: Record<string, string>): Policy {
  const of = (mode: string): LevelVersion => {
    const level = given[mode] || PRIVILEGED.level;
    const version = given[`${mode}-version`] || "latest";
    const minor = minorOf(version);
    if (!LEVELS.includes(level as Level)) {
      throw new Error(
        `defaults.${mode}: Invalid value: "${level}": must be one of ${LEVELS.join(", ")}`,
      );
    }
    if (minor === undefined) {
      throw new Error(
        `defaults.${mode}-version: Invalid value: "${version}": must be "latest" or "v1.x"`,
      );
    }
    return { level: level as Level, minor };
  };
  return Object.fromEntries(MODES.map((mode) => [mode, of(mode)])) as Policy;
}

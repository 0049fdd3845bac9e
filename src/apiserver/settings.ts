/** From flags to what the API server is given; a value that makes no sense is one sentence. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { issueCertificate, type KeyPair } from "../component/certificate.ts";
import type { Clock } from "../component/clock.ts";
import { StartError } from "../component/daemon.ts";
import type { Random } from "../component/random.ts";
import {
  DEFAULT_PLUGINS,
  DEFAULT_PLUGINS_WITH_TOKENS,
  inOrder,
  unknownPlugins,
} from "./admission/plugins.ts";
import {
  type PodSecurityConfiguration,
  readPodSecurityConfiguration,
} from "./admission/pod-security-configuration.ts";
import type { ApiServerFlags } from "./flags.ts";
import { type KubeletConnector, kubeletConnector } from "./kubelet-connection.ts";
import type { ListenOptions } from "./server.ts";
import { ServiceIpRange } from "./service-ip-range.ts";

type Given = ReadonlySet<string>;

const TEN_YEARS_MS = 10 * 365 * 24 * 3_600_000;

/** Refuses what this server cannot do, rather than do something else. */
export function checkFlags(flags: ApiServerFlags): void {
  const only: [keyof ApiServerFlags, string][] = [
    ["etcd-prefix", "/registry"],
    ["storage-backend", "etcd3"],
    ["storage-media-type", "application/json"],
  ];
  for (const [name, supported] of only) {
    const values = [flags[name]].flat();
    const other = values.find((value) => value !== supported && value !== "");
    if (other !== undefined) {
      throw new StartError(`--${name}=${other} is not supported; it must be ${supported}`);
    }
  }
  if (flags["etcd-servers"].length === 0) throw new StartError("--etcd-servers must be specified");
  if ((flags["tls-cert-file"] === "") !== (flags["tls-private-key-file"] === "")) {
    throw new StartError("--tls-cert-file and --tls-private-key-file go together");
  }
}

/** The old flag names all plug-ins; the new ones change the usual list. */
export function admissionPluginsOf(flags: ApiServerFlags, given: Given): string[] {
  const { "admission-control": listed, "enable-admission-plugins": added } = flags;
  const makesTokens = flags["service-account-signing-key-file"] !== "";
  const usual = makesTokens ? DEFAULT_PLUGINS_WITH_TOKENS : DEFAULT_PLUGINS;
  const left = new Set(flags["disable-admission-plugins"]);
  const names = given.has("admission-control") ? listed : [...usual, ...added];
  const unknown = unknownPlugins([...names, ...left]);
  if (unknown.length > 0) {
    throw new StartError(`admission plugins not supported: ${unknown.join(", ")}`);
  }
  const wanted = [...new Set(names)].filter((name) => !left.has(name));
  return given.has("admission-control") ? wanted : inOrder(wanted);
}

/** What --admission-control-config-file says. */
export function podSecurityOf(flags: ApiServerFlags): { podSecurity?: PodSecurityConfiguration } {
  const path = flags["admission-control-config-file"];
  if (path === "") return {};
  try {
    const podSecurity = readPodSecurityConfiguration(path);
    return podSecurity === undefined ? {} : { podSecurity };
  } catch (error) {
    throw new StartError(`--admission-control-config-file: ${(error as Error).message}`);
  }
}

export function serviceRangeOf(flags: ApiServerFlags): string {
  const text = flags["service-cluster-ip-range"] || flags["portal-net"] || "10.0.0.0/24";
  try {
    return new ServiceIpRange(text).text;
  } catch (error) {
    throw new StartError(`--service-cluster-ip-range: ${(error as Error).message}`);
  }
}

export function nodePortRangeOf(flags: ApiServerFlags): [number, number] {
  const text = flags["service-node-port-range"];
  const [, first, last] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  const isRange = first !== undefined && Number(first) <= Number(last) && Number(last) <= 65_535;
  if (!isRange) {
    throw new StartError(`--service-node-port-range must be as in 30000-32767, not ${text}`);
  }
  return [Number(first), Number(last)];
}

/** Of an old flag and the one that took its place, the one that was given. */
export function plainDoorOf(flags: ApiServerFlags, given: Given): ListenOptions | undefined {
  const port = given.has("port") ? flags.port : flags["insecure-port"];
  const address = given.has("address") ? flags.address : flags["insecure-bind-address"];
  return port === 0 ? undefined : { address: address || "0.0.0.0", port };
}

export async function tlsDoorOf(
  flags: ApiServerFlags,
  surroundings: { clock: Clock; random: Random },
): Promise<ListenOptions | undefined> {
  const port = flags["secure-port"];
  if (port === 0) return undefined;
  const { certificate, key } = await servingPair(flags, surroundings);
  const clientCa = fileOf(flags, "client-ca-file");
  const requestHeaderCa = fileOf(flags, "requestheader-client-ca-file");
  return {
    address: flags["bind-address"],
    port,
    tls: {
      ...{ cert: certificate, key },
      ...(clientCa && { clientCa }),
      ...(requestHeaderCa && { requestHeaderCa }),
    },
  };
}

export function kubeletConnectorOf(flags: ApiServerFlags): KubeletConnector {
  const cert = fileOf(flags, "kubelet-client-certificate");
  const key = fileOf(flags, "kubelet-client-key");
  const ca = fileOf(flags, "kubelet-certificate-authority");
  return kubeletConnector({
    isTls: flags["kubelet-https"],
    tls: { ...(cert && { cert }), ...(key && { key }), ...(ca && { ca }) },
    preferredAddressTypes: [...flags["kubelet-preferred-address-types"]],
    defaultPort: flags["kubelet-port"],
  });
}

type FileFlag = {
  [Name in keyof ApiServerFlags]: ApiServerFlags[Name] extends string ? Name : never;
}[keyof ApiServerFlags];

/** The content of the file a flag names; undefined where it names none. */
export function fileOf(flags: ApiServerFlags, name: FileFlag): Buffer | undefined {
  const path = flags[name];
  if (path === "") return undefined;
  try {
    return readFileSync(path);
  } catch (error) {
    throw new StartError(`--${name}: ${(error as Error).message}`);
  }
}

/** The pair given, or one signed by itself and kept in --cert-dir. */
async function servingPair(
  flags: ApiServerFlags,
  surroundings: { clock: Clock; random: Random },
): Promise<KeyPair> {
  const given = fileOf(flags, "tls-cert-file");
  if (given) {
    const key = fileOf(flags, "tls-private-key-file")!;
    return { certificate: given.toString(), key: key.toString() };
  }
  const path = join(flags["cert-dir"], "apiserver");
  if (existsSync(`${path}.crt`) && existsSync(`${path}.key`)) {
    const read = (end: string) => readFileSync(path + end, "utf8");
    return { certificate: read(".crt"), key: read(".key") };
  }
  const names = ["kubernetes", "kubernetes.default", "localhost", "127.0.0.1", hostname()];
  const address = flags["advertise-address"] || flags["bind-address"];
  const made = await issueCertificate(
    {
      subject: `CN=${hostname()}`,
      purpose: "server",
      names: [...new Set([...names, address])],
      validMs: TEN_YEARS_MS,
    },
    surroundings,
  );
  mkdirSync(flags["cert-dir"], { recursive: true });
  writeFileSync(`${path}.key`, made.key, { mode: 0o600 });
  writeFileSync(`${path}.crt`, made.certificate);
  return made;
}

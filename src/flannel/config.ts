/**
 * The network's configuration, one JSON value in etcd that all hosts read:
 *
 *   {"Network": "10.5.0.0/16", "SubnetLen": 24, "SubnetMin": "10.5.1.0", "SubnetMax": "10.5.255.0",
 *    "Backend": {"Type": "vxlan", "VNI": 1}}
 *
 * Only Network must be given. The first subnet of it is never leased unless SubnetMin says so.
 *
 * In Kubernetes: github.com/flannel-io/flannel/subnet/config.go (0.10 and later).
 * Differs: IPv4 only.
 */
import { JsonFields } from "./json-fields.ts";
import {
  contains,
  formatAddress,
  lastAddress,
  parseAddress,
  parseSubnet,
  type Subnet,
  sizeOf,
} from "./subnet.ts";

export interface NetworkConfig {
  readonly network: Subnet;
  /** The prefix length of the subnet each host gets. */
  readonly subnetLength: number;
  /** The address of the first subnet that may be leased, and of the last. */
  readonly firstSubnet: number;
  readonly lastSubnet: number;
  readonly backend: BackendConfig;
}

export interface BackendConfig {
  /** In lower case. */
  readonly type: string;
  readonly options: JsonFields;
}

/** What a flannel network is where its config names no backend. */
const DEFAULT_BACKEND = "udp";
const SMALLEST_NETWORK = 28;
const SMALLEST_SUBNET = 30;
/** A /24 for each host, or a quarter of the network where it is small. */
const USUAL_SUBNET = 24;
const QUARTER = 2;

/** A config that can't be used, in flannel's words. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  /** Expected, so logged without a stack. */
  readonly code = "ECONFIG";
}

export function parseConfig(text: string): NetworkConfig {
  try {
    return configOf(JsonFields.parse("Config", text));
  } catch (error) {
    throw error instanceof RangeError ? new ConfigError(error.message) : error;
  }
}

function configOf(fields: JsonFields): NetworkConfig {
  if (fields.flag("EnableIPv6") || fields.flag("EnableIPv4") === false) {
    throw new ConfigError("IPv6 networks are not supported: remove EnableIPv6, leave EnableIPv4");
  }
  const network = networkOf(fields);
  const subnetLength = subnetLengthOf(fields.count("SubnetLen") ?? 0, network);
  const size = sizeOf({ length: subnetLength });
  return {
    network,
    subnetLength,
    firstSubnet: boundOf(fields, "SubnetMin", network, size) ?? network.address + size,
    lastSubnet: boundOf(fields, "SubnetMax", network, size) ?? lastAddress(network) + 1 - size,
    backend: backendOf(fields.get("Backend")),
  };
}

function networkOf(fields: JsonFields): Subnet {
  const text = fields.text("Network");
  if (text === undefined) {
    throw new ConfigError("please define a correct Network parameter in the flannel config");
  }
  const network = parseSubnet(text);
  if (network === undefined) throw new ConfigError(`invalid CIDR address: ${text}`);
  return network;
}

function subnetLengthOf(asked: number, { length }: Subnet): number {
  if (asked > SMALLEST_SUBNET) throw new ConfigError("SubnetLen must be less than /31");
  if (asked > 0 && asked < length + QUARTER) {
    throw new ConfigError("network must be able to accommodate at least four subnets");
  }
  if (asked > 0) return asked;
  if (length > SMALLEST_NETWORK) {
    throw new ConfigError("network is too small. Minimum useful network prefix is /28");
  }
  return Math.max(USUAL_SUBNET, length + QUARTER);
}

/** SubnetMin and SubnetMax are both addresses of subnets, not of hosts. */
function boundOf(
  fields: JsonFields,
  key: "SubnetMin" | "SubnetMax",
  network: Subnet,
  size: number,
): number | undefined {
  const text = fields.text(key);
  if (text === undefined || text === "0.0.0.0") return undefined;
  const address = parseAddress(text);
  if (address === undefined) throw new ConfigError(`${key}: invalid IP address: ${text}`);
  if (!contains(network, address)) {
    throw new ConfigError(`${key} is not in the range of the Network`);
  }
  if (address % size !== 0) {
    throw new ConfigError(`${key} is not on a SubnetLen boundary: ${formatAddress(address)}`);
  }
  return address;
}

function backendOf(value: unknown): BackendConfig {
  if (value === undefined) return { type: DEFAULT_BACKEND, options: new JsonFields("Backend", {}) };
  try {
    const options = new JsonFields("Backend", value);
    return { type: (options.text("Type") ?? "").toLowerCase(), options };
  } catch (error) {
    const why = (error as Error).message;
    throw new ConfigError(`error decoding Backend property of config: ${why}`);
  }
}

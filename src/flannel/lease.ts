/**
 * A lease: this subnet is that host's, for 24 hours at a time. Its key says which subnet, its value
 * whose, and what the other hosts need to reach it:
 *
 *   <prefix>/subnets/10.5.34.0-24
 *   {"PublicIP":"10.211.55.21","PublicIPv6":null,"BackendType":"vxlan",
 *    "BackendData":{"VNI":1,"VtepMAC":"82:4b:b6:2f:54:4e"}}
 *
 * The format is flannel's own, to the byte, so that its daemons and ours share one network.
 *
 * In Kubernetes: github.com/flannel-io/flannel/subnet/subnet.go
 */
import { JsonFields } from "./json-fields.ts";
import { formatAddress, parseAddress, type Subnet } from "./subnet.ts";

export interface LeaseAttributes {
  /** The address other hosts reach this one at. It says whose the lease is. */
  readonly publicAddress: number;
  /** "" in leases of flannel 0.7's udp. */
  readonly backendType: string;
  readonly backendData?: unknown;
}

export interface Lease {
  readonly subnet: Subnet;
  readonly attributes: LeaseAttributes;
  /** etcd's lease on the key, which removes it when its time is up; "0" for a reservation, which stays. */
  readonly leaseId: string;
  /** The revision that wrote it. */
  readonly revision: number;
}

/** etcd's "no lease". */
export const NO_LEASE = "0";

/** In seconds. */
export const LEASE_SECONDS = 24 * 60 * 60;

export function isReservation({ leaseId }: Pick<Lease, "leaseId">): boolean {
  return leaseId === NO_LEASE;
}

/** The order of the keys is that of flannel's struct. */
export function encodeAttributes(attributes: LeaseAttributes): string {
  const { publicAddress, backendType, backendData } = attributes;
  return JSON.stringify({
    PublicIP: formatAddress(publicAddress),
    PublicIPv6: null,
    ...(backendType === "" ? {} : { BackendType: backendType }),
    ...(backendData === undefined ? {} : { BackendData: backendData }),
  });
}

/** Throws a RangeError where flannel would not read it either. */
export function decodeAttributes(text: string): LeaseAttributes {
  const fields = JsonFields.parse("LeaseAttrs", text);
  const publicIp = fields.text("PublicIP");
  const publicAddress = publicIp === undefined ? 0 : parseAddress(publicIp);
  if (publicAddress === undefined) throw new RangeError(`invalid IP address: ${publicIp}`);
  const backendData = fields.get("BackendData");
  return {
    publicAddress,
    backendType: fields.text("BackendType") ?? "",
    ...(backendData === undefined ? {} : { backendData }),
  };
}

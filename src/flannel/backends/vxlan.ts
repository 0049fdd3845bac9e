/**
 * vxlan: the packet of a pod travels inside a UDP packet from host to host, so it crosses any network
 * the hosts can cross; that costs 50 bytes of each packet. The kernel does it all; we tell it, for each
 * other host with the subnet S, the address P and the device M:
 *
 *   S is reached through the address S.0 on flannel.1      (route)
 *   S.0 has the hardware address M                         (neighbour)
 *   frames for M go inside UDP to P                        (forwarding entry)
 *
 * In Kubernetes: github.com/flannel-io/flannel/pkg/backend/vxlan (0.9 and later)
 */
import { StartError } from "../../component/daemon.ts";
import { attemptAll } from "../attempts.ts";
import type { Lease } from "../lease.ts";
import { type Route, syncRoutes } from "../routes.ts";
import { contains, formatAddress, formatSubnet, type Subnet } from "../subnet.ts";
import type { Backend, BackendContext } from "./backend.ts";
import { directRoute } from "./host-gw.ts";
import { VxlanDevice, type VxlanSettings } from "./vxlan-device.ts";
import { addEntries, type Endpoint, removeStaleEntries } from "./vxlan-entries.ts";

/** Ethernet, IP, UDP and VXLAN headers around each packet. */
const OVERHEAD = 50;

interface VxlanOptions extends VxlanSettings {
  /** Hosts on our own link are reached without a tunnel. */
  directRouting: boolean;
}

export async function openVxlan(context: BackendContext): Promise<Backend> {
  const options = optionsOf(context);
  const device = new VxlanDevice(options, context.run, context.log);
  await device.ensure(context.random);
  return new Vxlan(context, options, device);
}

class Vxlan implements Backend {
  readonly type = "vxlan";
  readonly mtu: number;
  readonly data: { VNI: number; VtepMAC: string };
  readonly #context: BackendContext;
  readonly #isDirect: (lease: Lease) => boolean;
  readonly #device: VxlanDevice;
  #subnet: Subnet | undefined;

  constructor(context: BackendContext, options: VxlanOptions, device: VxlanDevice) {
    this.#context = context;
    this.#device = device;
    this.mtu = options.mtu;
    this.data = { VNI: options.vni, VtepMAC: device.mac };
    const { networks } = context.external;
    this.#isDirect = ({ attributes }) =>
      options.directRouting && networks.some((one) => contains(one, attributes.publicAddress));
  }

  async attach(subnet: Subnet): Promise<void> {
    this.#subnet = subnet;
    await this.#device.configure(subnet, this.#context.config.network);
  }

  async sync(peers: readonly Lease[]): Promise<void> {
    const { config, external, random, run } = this.#context;
    // Somebody may have deleted it, and with it all that follows.
    await this.#device.ensure(random);
    if (this.#subnet) await this.#device.configure(this.#subnet, config.network);

    const direct = peers.filter((lease) => this.#isDirect(lease));
    const tunnelled = peers.filter((lease) => !this.#isDirect(lease));
    const endpoints = tunnelled.flatMap((lease) => this.#endpointOf(lease) ?? []);
    const { name } = this.#device;
    await attemptAll([
      () => addEntries(name, endpoints, run),
      () => syncRoutes(name, endpoints.map(tunnelRoute), config, run),
      () => syncRoutes(external.name, direct.map(directRoute), config, run),
      () => removeStaleEntries(name, endpoints, run),
    ]);
  }

  #endpointOf({ subnet, attributes }: Lease): Endpoint | undefined {
    const { VtepMAC: mac } = (attributes.backendData ?? {}) as { VtepMAC?: unknown };
    if (typeof mac !== "string" || !/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(mac)) {
      const of = formatSubnet(subnet);
      this.#context.log.warn(`error decoding subnet lease JSON of ${of}: no VtepMAC in it`);
      return undefined;
    }
    return { subnet, mac: mac.toLowerCase(), publicAddress: attributes.publicAddress };
  }
}

function tunnelRoute({ subnet }: Endpoint): Route {
  return { destination: subnet, gateway: subnet.address, isOnLink: true };
}

function optionsOf({ config, external }: BackendContext): VxlanOptions {
  const { options } = config.backend;
  try {
    return {
      vni: options.count("VNI") ?? 1,
      port: options.count("Port") ?? 0,
      hasGroupPolicy: options.flag("GBP") ?? false,
      isLearning: options.flag("Learning") ?? false,
      directRouting: options.flag("DirectRouting") ?? false,
      mtu: (options.count("MTU") || external.mtu) - OVERHEAD,
      parent: external.name,
      local: formatAddress(external.address),
    };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new StartError(`error decoding VXLAN backend config: ${error.message}`);
  }
}

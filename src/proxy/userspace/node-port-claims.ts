/**
 * Holds node ports open with sockets of our own, so that no program of the node listens there and
 * wonders why nothing arrives. A port that somebody else has is not taken away: the service port
 * goes without it.
 *
 * In Kubernetes: pkg/proxy/userspace/proxier.go (claimNodePort; until 1.25)
 */
import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import type { Log } from "../../component/log.ts";
import type { ServicePort } from "../service-port.ts";

export class NodePortClaims {
  readonly #address: string;
  readonly #log: Log;
  /** By "TCP:30080": how to let go of it. */
  readonly #held = new Map<string, () => Promise<void>>();

  constructor(address: string, log: Log) {
    this.#address = address;
    this.#log = log;
  }

  /** Holds what these need and no more. Answers them without the node ports that can't be had. */
  async update(ports: readonly ServicePort[]): Promise<ServicePort[]> {
    const wanted = new Set(ports.map(keyOf));
    for (const [key, release] of this.#held) {
      if (wanted.has(key)) continue;
      this.#held.delete(key);
      await release();
    }
    const claimed: ServicePort[] = [];
    for (const port of ports) {
      const isHeld = port.nodePort === 0 || (await this.#claim(port));
      claimed.push(isHeld ? port : { ...port, nodePort: 0 });
    }
    return claimed;
  }

  async #claim(port: ServicePort): Promise<boolean> {
    const key = keyOf(port);
    if (this.#held.has(key)) return true;
    try {
      const hold = port.protocol === "UDP" ? holdUdp : holdTcp;
      this.#held.set(key, await hold(this.#address, port.nodePort));
      return true;
    } catch (error) {
      const fields = { service: port.name, port: port.nodePort, protocol: port.protocol };
      this.#log.error("can't open node port", error, fields);
      return false;
    }
  }
}

function holdTcp(address: string, port: number): Promise<() => Promise<void>> {
  // Rules lead connections elsewhere; one that gets here came past them.
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, () => {
      resolve(() => new Promise((closed) => server.close(() => closed())));
    });
  });
}

function holdUdp(address: string, port: number): Promise<() => Promise<void>> {
  const socket = createSocket("udp4");
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, address, () => {
      resolve(() => new Promise((closed) => socket.close(() => closed())));
    });
  });
}

function keyOf({ protocol, nodePort }: ServicePort): string {
  return `${protocol}:${nodePort}`;
}

/**
 * The local port of a service port's proxy: any that is free, or a random one of
 * `--proxy-port-range`. This is the "random port" of the classic description.
 *
 * In Kubernetes: pkg/proxy/userspace/port_allocator.go (until 1.25), k8s.io/apimachinery/pkg/util/net (PortRange)
 */
import type { Random } from "../../component/random.ts";

export interface PortRange {
  first: number;
  last: number;
}

const HIGHEST_PORT = 65_535;

/** From "10000-10100", "10000+100" or "10000". Undefined: any port ("" and "0-0"). */
export function parsePortRange(text: string): PortRange | undefined {
  const [, low = "", sign, high = ""] = /^(\d+)(?:([-+])(\d+))?$/.exec(text.trim()) ?? [];
  if (text.trim() === "" || text.trim() === "0-0") return undefined;
  const first = Number(low);
  const last = sign === undefined ? first : sign === "-" ? Number(high) : first + Number(high);
  if (low === "" || last > HIGHEST_PORT || first > last) {
    throw new RangeError(`${text} is not a valid port range`);
  }
  return { first, last };
}

/** Tries `listen` with port after port; 0 lets the kernel choose. */
export async function withLocalPort<T>(
  range: PortRange | undefined,
  random: Random,
  listen: (port: number) => Promise<T>,
): Promise<T> {
  if (range === undefined) return listen(0);
  const size = range.last - range.first + 1;
  const start = Math.floor(random.next() * size);
  for (let i = 0; i < size; i++) {
    try {
      return await listen(range.first + ((start + i) % size));
    } catch (error) {
      if ((error as { code?: string }).code !== "EADDRINUSE") throw error;
    }
  }
  throw new RangeError(`no free port in ${range.first}-${range.last}`);
}

/**
 * A userspace proxy in the network namespace it is started in. Each line it reads is the services
 * to carry out, as JSON; it answers "synced", or what went wrong.
 */
import { createInterface } from "node:readline";
import { systemClock } from "../../../src/component/clock.ts";
import { commandRunner } from "../../../src/component/command.ts";
import { findIptables } from "../../../src/component/iptables.ts";
import { createLog } from "../../../src/component/log.ts";
import { systemRandom } from "../../../src/component/random.ts";
import type { ServiceEndpoints } from "../../../src/proxy/endpoint.ts";
import { UserspaceMode } from "../../../src/proxy/userspace/userspace-mode.ts";

const [hostIP = ""] = process.argv.slice(2);
const run = commandRunner();
const log = createLog("userspace", {
  clock: systemClock,
  verbosity: Number(process.env.TEST_LOG ?? 0),
  write: (line) => void (process.env.TEST_LOG && process.stderr.write(line)),
});
const mode = new UserspaceMode(
  { run, iptables: await findIptables(run), log },
  {
    ...{ bindAddress: "0.0.0.0", hostIP, portRange: { first: 20_000, last: 20_099 } },
    ...{ udpIdleMs: 250, clock: systemClock, random: systemRandom },
  },
);
await mode.prepare();
process.stdout.write("ready\n");
for await (const line of createInterface({ input: process.stdin })) {
  try {
    await mode.sync(JSON.parse(line) as ServiceEndpoints[], true);
    process.stdout.write("synced\n");
  } catch (error) {
    process.stdout.write(`${error}\n`);
  }
}
process.exit();

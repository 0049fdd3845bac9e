/** Any sequence of changes ends in the same kernel state as a fresh start: on the real kernel. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { silentLog } from "../../src/component/log.ts";
import { systemRandom } from "../../src/component/random.ts";
import { openBackend } from "../../src/flannel/backends/backend-list.ts";
import { parseConfig } from "../../src/flannel/config.ts";
import { findExternalInterface } from "../../src/flannel/interface.ts";
import type { Lease } from "../../src/flannel/lease.ts";
import { parseAddress, parseSubnet } from "../../src/flannel/subnet.ts";
import { describeWith } from "../support/needs.ts";
import { ip, type LabHost, type NetworkLab, startNetworkLab } from "./network-lab.ts";

/** Few of each, so that the same subnet, host and device come back in other company. */
const peers = fc.uniqueArray(
  fc.record({
    subnet: fc.integer({ min: 1, max: 5 }),
    host: fc.integer({ min: 100, max: 104 }),
  }),
  { maxLength: 4, selector: ({ subnet }) => subnet },
);

/** A host has one device; a restarted one may have another. */
const leaseOf = ({ subnet, host }: { subnet: number; host: number }, type: string): Lease => ({
  subnet: parseSubnet(`10.5.${subnet}.0/24`)!,
  attributes: {
    publicAddress: parseAddress(`10.211.55.${host}`)!,
    backendType: type,
    backendData: { VNI: 1, VtepMAC: `02:00:00:00:00:${subnet}${host % 10}` },
  },
  leaseId: "1",
  revision: 1,
});

describeWith(["root"], "the ways to other hosts", () => {
  let lab: NetworkLab;
  let lived: LabHost;
  let fresh: LabHost;
  beforeAll(async () => {
    lab = await startNetworkLab();
    lived = await lab.addHost("lived", "10.211.55.21");
    fresh = await lab.addHost("fresh", "10.211.55.22");
  });
  afterAll(() => lab?.remove());

  const open = async (host: LabHost, options: { Type: string }) => {
    const choice = { iface: [], ifaceRegex: [], canReach: "", publicIp: "" };
    const backend = await openBackend({
      config: parseConfig(JSON.stringify({ Network: "10.5.0.0/16", Backend: options })),
      external: await findExternalInterface(choice, host.run, silentLog),
      run: host.run,
      random: systemRandom,
      log: silentLog,
    });
    await backend.attach(parseSubnet("10.5.99.0/24")!);
    return backend;
  };
  const stateOf = async (host: LabHost) => {
    const texts = [await ip(host, "route show"), await ip(host, "neigh show nud permanent")];
    const { stdout } = await host.run("bridge", ["fdb", "show"]);
    texts.push(...stdout.split("\n").filter((line) => line.includes(" dst ")));
    const lines = texts.flatMap((text) => text.split("\n"));
    return lines
      .map((line) => line.trim())
      .filter((line) => line.includes("10.5.") || line.includes("dst"));
  };
  const forget = async (host: LabHost) => {
    const links = await ip(host, "-o link show");
    if (links.includes("flannel.1")) await ip(host, "link del flannel.1");
    for (let subnet = 1; subnet <= 5; subnet++) {
      if ((await ip(host, `route show 10.5.${subnet}.0/24`)) !== "") {
        await ip(host, `route del 10.5.${subnet}.0/24`);
      }
    }
  };

  test.each([{ Type: "vxlan" }, { Type: "host-gw" }])(
    "are the same after any sequence of changes as after a fresh start: %j",
    async (options) => {
      await forget(lived);
      const backend = await open(lived, options);
      await fc.assert(
        fc.asyncProperty(fc.array(peers, { minLength: 1, maxLength: 4 }), async (sequence) => {
          for (const step of sequence) {
            await backend.sync(step.map((peer) => leaseOf(peer, options.Type)));
          }
          await forget(fresh);
          const anew = await open(fresh, options);
          await anew.sync(sequence.at(-1)!.map((peer) => leaseOf(peer, options.Type)));
          const sorted = async (host: LabHost) => (await stateOf(host)).toSorted();
          expect(await sorted(lived)).toEqual(await sorted(fresh));
        }),
        { numRuns: 15 },
      );
    },
  );
});

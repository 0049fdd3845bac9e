import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../src/component/random.ts";
import { allocateSubnet, freeSubnets, isCompatible } from "../../src/flannel/allocation.ts";
import { parseConfig } from "../../src/flannel/config.ts";
import {
  contains,
  formatSubnet,
  lastAddress,
  overlaps,
  parseSubnet,
  type Subnet,
  subnetAround,
} from "../../src/flannel/subnet.ts";

const configOf = (config: object) => parseConfig(JSON.stringify(config));
const small = configOf({ Network: "10.5.0.0/24" });

/** A network, and leases of any size in and around it. */
const situations = fc
  .record({
    length: fc.integer({ min: 16, max: 26 }),
    longer: fc.integer({ min: 2, max: 4 }),
    taken: fc.array(
      fc.tuple(fc.integer({ min: 0, max: 2 ** 17 - 1 }), fc.integer({ min: 15, max: 31 })),
      { maxLength: 60 },
    ),
    seed: fc.integer(),
  })
  .map(({ length, longer, taken, seed }) => ({
    config: configOf({ Network: `10.5.0.0/${length}`, SubnetLen: length + longer }),
    taken: taken.map(([offset, size]) =>
      subnetAround(parseSubnet("10.4.0.0/15")!.address + offset, size),
    ),
    seed,
  }));

describe("the allocation of a subnet", () => {
  test("is within the network, on its boundary, and overlaps no lease", () => {
    fc.assert(
      fc.property(situations, ({ config, taken, seed }) => {
        const free = freeSubnets(config, taken);
        fc.pre(free.length > 0);
        const subnet = allocateSubnet(config, taken, seededRandom(seed));
        expect(isCompatible(config, subnet)).toBe(true);
        expect(subnetAround(subnet.address, subnet.length)).toEqual(subnet);
        expect(contains(config.network, subnet.address)).toBe(true);
        expect(contains(config.network, lastAddress(subnet))).toBe(true);
        expect(taken.filter((one) => overlaps(one, subnet))).toEqual([]);
      }),
    );
  });

  test("knows the free ones as one finds them who looks at each pair", () => {
    fc.assert(
      fc.property(situations, ({ config, taken }) => {
        const { firstSubnet, lastSubnet, subnetLength: length } = config;
        const free: Subnet[] = [];
        for (let address = firstSubnet; address <= lastSubnet; address += 2 ** (32 - length)) {
          const subnet = { address, length };
          if (!taken.some((one) => overlaps(one, subnet))) free.push(subnet);
        }
        expect(freeSubnets(config, taken)).toEqual(free.slice(0, 100));
      }),
    );
  });

  test("gives everybody another one until there is none", () => {
    const random = seededRandom(1);
    const taken: Subnet[] = [];
    for (let host = 0; host < 3; host++) taken.push(allocateSubnet(small, taken, random));
    expect(taken.map(formatSubnet).toSorted()).toEqual([
      "10.5.0.128/26",
      "10.5.0.192/26",
      "10.5.0.64/26",
    ]);
    expect(() => allocateSubnet(small, taken, random)).toThrow(
      "out of subnets: every /26 from 10.5.0.64 to 10.5.0.192 is leased. Give the network a larger " +
        "Network or a longer SubnetLen, or wait until the lease of a host that is gone expires",
    );
  });

  test("takes any of the first hundred, each as likely as the others", () => {
    const config = configOf({ Network: "10.5.0.0/16" });
    const random = seededRandom(7);
    const counts = new Map<string, number>();
    for (let i = 0; i < 20_000; i++) {
      const subnet = formatSubnet(allocateSubnet(config, [], random));
      counts.set(subnet, (counts.get(subnet) ?? 0) + 1);
    }
    expect(counts.size).toBe(100);
    expect(counts.has("10.5.1.0/24") && counts.has("10.5.100.0/24")).toBe(true);
    // 99 degrees of freedom: more than 149 happens once in a thousand times.
    const chiSquared = [...counts.values()].reduce((sum, n) => sum + (n - 200) ** 2 / 200, 0);
    expect(chiSquared).toBeLessThan(149);
  });

  test("is quick in a large network that is nearly full", () => {
    const config = configOf({ Network: "10.0.0.0/8", SubnetLen: 24 });
    const taken = Array.from({ length: 65_000 }, (_, i) => ({
      address: config.firstSubnet + i * 256,
      length: 24,
    }));
    const before = process.cpuUsage();
    expect(freeSubnets(config, taken)).toHaveLength(100);
    // Our own time, not what others take of the processor.
    expect(process.cpuUsage(before).user).toBeLessThan(2_000_000);
  });
});

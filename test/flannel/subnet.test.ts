import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  contains,
  formatAddress,
  formatSubnet,
  lastAddress,
  overlaps,
  parseAddress,
  parseSubnet,
  parseSubnetKey,
  subnetAround,
  subnetKey,
} from "../../src/flannel/subnet.ts";

const subnets = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 0, max: 32 }))
  .map(([address, length]) => subnetAround(address, length));

describe("a subnet", () => {
  test.each([
    ["10.5.3.9/16", "10.5.0.0/16"],
    ["255.255.255.255/32", "255.255.255.255/32"],
    ["200.1.2.3/0", "0.0.0.0/0"],
    ["10.211.55.21/24", "10.211.55.0/24"],
  ])("written %s is %s", (text, network) => {
    expect(formatSubnet(parseSubnet(text)!)).toBe(network);
  });

  test.each(["10.5.0.0", "10.5.0.0/33", "10.5.0/16", "010.5.0.0/16", "10.5.0.256/16", "", "::/0"])(
    "is not %j",
    (text) => expect(parseSubnet(text)).toBeUndefined(),
  );

  test("has a key with a dash, as flannel writes it", () => {
    const subnet = parseSubnet("10.5.34.0/24")!;
    expect(subnetKey(subnet)).toBe("10.5.34.0-24");
    expect(parseSubnetKey("10.5.34.0-24")).toEqual(subnet);
  });

  test.each(["10.5.34.0-32", "10.5.34.0/24", "lock", "10.5.34.0-24&fc00::-64", "10.5.34-24"])(
    "is not meant by the key %j",
    (key) => expect(parseSubnetKey(key)).toBeUndefined(),
  );

  test("is read as it was written", () => {
    fc.assert(
      fc.property(subnets, (subnet) => {
        expect(parseSubnet(formatSubnet(subnet))).toEqual(subnet);
        expect(parseAddress(formatAddress(subnet.address))).toBe(subnet.address);
        if (subnet.length < 32) expect(parseSubnetKey(subnetKey(subnet))).toEqual(subnet);
      }),
    );
  });

  test("overlaps another exactly when one of them holds the other's first address", () => {
    fc.assert(
      fc.property(subnets, subnets, (a, b) => {
        const isShared = contains(a, b.address) || contains(b, a.address);
        expect(overlaps(a, b)).toBe(isShared);
        expect(overlaps(b, a)).toBe(isShared);
        expect(contains(a, lastAddress(a))).toBe(true);
        expect(contains(a, lastAddress(a) + 1)).toBe(false);
      }),
    );
  });
});

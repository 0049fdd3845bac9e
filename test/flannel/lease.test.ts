import { describe, expect, test } from "vitest";
import { decodeAttributes, encodeAttributes } from "../../src/flannel/lease.ts";
import { parseAddress } from "../../src/flannel/subnet.ts";

const publicAddress = parseAddress("10.211.55.21")!;

describe("the value of a lease", () => {
  test.each([
    [
      {
        publicAddress,
        backendType: "vxlan",
        backendData: { VNI: 1, VtepMAC: "82:4b:b6:2f:54:4e" },
      },
      '{"PublicIP":"10.211.55.21","PublicIPv6":null,"BackendType":"vxlan","BackendData":{"VNI":1,"VtepMAC":"82:4b:b6:2f:54:4e"}}',
    ],
    [
      { publicAddress, backendType: "host-gw" },
      '{"PublicIP":"10.211.55.21","PublicIPv6":null,"BackendType":"host-gw"}',
    ],
    [{ publicAddress, backendType: "" }, '{"PublicIP":"10.211.55.21","PublicIPv6":null}'],
  ])("is flannel's to the byte: %j", (attributes, text) => {
    expect(encodeAttributes(attributes)).toBe(text);
    expect(decodeAttributes(text)).toEqual(attributes);
  });

  test.each([
    // 0.5.5 and 0.7.1: udp, host-gw, vxlan
    ['{"PublicIP":"10.211.55.21"}', { backendType: "" }],
    ['{"PublicIP":"10.211.55.21","BackendType":"host-gw"}', { backendType: "host-gw" }],
    [
      '{"PublicIP":"10.211.55.21","BackendType":"vxlan","BackendData":{"VtepMAC":"82:4b:b6:2f:54:4e"}}',
      { backendType: "vxlan", backendData: { VtepMAC: "82:4b:b6:2f:54:4e" } },
    ],
    // What is not known is passed over, and the case of a key does not matter.
    ['{"publicip":"10.211.55.21","BackendV6Data":{"a":1},"More":2}', { backendType: "" }],
  ])("may have been written by another flannel: %s", (text, expected) => {
    expect(decodeAttributes(text)).toEqual({ publicAddress, ...expected });
  });

  test.each(["", "x", "[]", '{"PublicIP":""}', '{"PublicIP":"10.211.55"}', '{"PublicIP":7}'])(
    "is refused: %s",
    (text) => expect(() => decodeAttributes(text)).toThrow(RangeError),
  );
});

import { describe, expect, test } from "vitest";
import { parseFlags } from "../../src/component/flags.ts";
import { flanneldArguments } from "../../src/flannel/command-line.ts";
import { flanneldFlags } from "../../src/flannel/flags.ts";

const parse = (line: string, environment = {}) => {
  const args = line.split(" ").filter((arg) => arg !== "");
  return parseFlags(flanneldFlags, flanneldArguments(flanneldFlags, args, environment));
};

describe("the command line of flanneld", () => {
  test.each([
    "-etcd-endpoints=http://k8s-master:2379 -etcd-prefix=/atomic.io/network -iface=eth1 -ip-masq",
    "--etcd-endpoints http://k8s-master:2379 --etcd-prefix /atomic.io/network --iface eth1 --ip-masq",
    "-etcd-endpoints http://k8s-master:2379 -etcd-prefix=/atomic.io/network -iface eth1 -ip-masq=true",
  ])("takes one dash or two: %s", (line) => {
    expect(parse(line).values).toMatchObject({
      "etcd-endpoints": "http://k8s-master:2379",
      "etcd-prefix": "/atomic.io/network",
      iface: ["eth1"],
      "ip-masq": true,
    });
  });

  test("takes what is not given from the environment", () => {
    const environment = {
      FLANNELD_ETCD_PREFIX: "/from/environment",
      FLANNELD_IFACE: "eth7",
      FLANNELD_IP_MASQ: "true",
      FLANNELD_PUBLIC_IP: "",
      FLANNEL_ETCD_ENDPOINTS: "http://not-for-us:2379",
    };
    expect(parse("-iface=eth1", environment).values).toMatchObject({
      "etcd-prefix": "/from/environment",
      iface: ["eth1"],
      "ip-masq": true,
      "public-ip": "",
      "etcd-endpoints": "http://127.0.0.1:4001,http://127.0.0.1:2379",
    });
  });

  test("takes several interfaces, in their order", () => {
    expect(parse("-iface=eth1 -iface=eth0").values.iface).toEqual(["eth1", "eth0"]);
  });

  test("knows the log's flags", () => {
    expect(parse("-v=2 -logtostderr=true").values.v).toBe(2);
    expect(parse("-v 2").values.v).toBe(2);
  });

  test("takes the argument of a flag as it is, even one that looks like a flag", () => {
    expect(parse("-etcd-password -secret -ip-masq").values).toMatchObject({
      "etcd-password": "-secret",
      "ip-masq": true,
    });
  });

  test("refuses what it does not know", () => {
    expect(() => parse("-nonsense=1")).toThrow("unknown flag: --nonsense");
    expect(() => parse("", { FLANNELD_IP_MASQ: "perhaps" })).toThrow(/invalid argument "perhaps"/);
  });

  test("says of flags of former times why they do nothing", () => {
    expect(parse("-networks=blue,red").warnings).toEqual([
      "--networks has no effect here: there is one network; several were an experiment that ended with flannel 0.8",
    ]);
  });
});

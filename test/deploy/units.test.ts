import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { apiServerFlags } from "../../src/apiserver/flags.ts";
import { type FlagSet, parseFlags } from "../../src/component/flags.ts";
import { controllerManagerFlags } from "../../src/controller-manager/flags.ts";
import { dnsFlags } from "../../src/dns/flags.ts";
import { flanneldArguments } from "../../src/flannel/command-line.ts";
import { parseConfig } from "../../src/flannel/config.ts";
import { flanneldFlags } from "../../src/flannel/flags.ts";
import { kubeletFlags } from "../../src/kubelet/flags.ts";
import { inStartOrder } from "../../src/kubeling/hosts/unit-file.ts";
import { proxyFlags } from "../../src/proxy/flags.ts";
import { schedulerFlags } from "../../src/scheduler/flags.ts";
import { describeWith } from "../support/needs.ts";
import { type LaidOut, layOut } from "./laid-out.ts";

let master: LaidOut;
let node: LaidOut;
beforeAll(() => {
  master = layOut("master", "k8s-master");
  node = layOut("node", "node2");
});
afterAll(() => {
  for (const { directory } of [master, node]) rmSync(directory, { recursive: true });
});

const DAEMONS: readonly [string, FlagSet, "master" | "node"][] = [
  ["kube-apiserver", apiServerFlags, "master"],
  ["kube-controller-manager", controllerManagerFlags, "master"],
  ["kube-scheduler", schedulerFlags, "master"],
  ["kube-dns", dnsFlags, "master"],
  ["kubelet", kubeletFlags, "node"],
  ["kube-proxy", proxyFlags, "node"],
];

describe("the configuration files", () => {
  test.each(DAEMONS)("of %s have only flags it takes", (name, flags, role) => {
    const laidOut = role === "master" ? master : node;
    const [program, ...args] = laidOut.command(`${name}.service`);
    expect(program).toBe(`/usr/local/bin/${name}`);
    const { given, positional } = parseFlags(flags, args);
    expect(positional).toEqual([]);
    expect([...given]).toEqual(expect.arrayContaining(["logtostderr", "v"]));
  });

  test.each(["master", "node"])("of flanneld on a %s have only flags it takes", (role) => {
    const [, ...args] = (role === "master" ? master : node).command("flanneld.service");
    const { values } = parseFlags(flanneldFlags, flanneldArguments(flanneldFlags, args, {}));
    expect(values).toMatchObject({
      "etcd-endpoints": "http://etcd:2379",
      "etcd-prefix": "/atomic.io/network",
      "ip-masq": true,
    });
  });

  test.each<["master" | "node", string, string[]]>([
    [
      "master",
      "etc/kubernetes/config",
      ["KUBE_LOGTOSTDERR", "KUBE_LOG_LEVEL", "KUBE_ALLOW_PRIV", "KUBE_MASTER"],
    ],
    [
      "node",
      "etc/kubernetes/config",
      ["KUBE_LOGTOSTDERR", "KUBE_LOG_LEVEL", "KUBE_ALLOW_PRIV", "KUBE_MASTER"],
    ],
    [
      "master",
      "etc/kubernetes/apiserver",
      [
        "KUBE_API_ADDRESS",
        "KUBE_API_PORT",
        "KUBE_ETCD_SERVERS",
        "KUBE_SERVICE_ADDRESSES",
        "KUBE_ADMISSION_CONTROL",
        "KUBE_API_ARGS",
      ],
    ],
    [
      "node",
      "etc/kubernetes/kubelet",
      [
        "KUBELET_ADDRESS",
        "KUBELET_HOSTNAME",
        "KUBELET_API_SERVER",
        "KUBELET_POD_INFRA_CONTAINER",
        "KUBELET_ARGS",
      ],
    ],
    ["node", "etc/kubernetes/proxy", ["KUBE_PROXY_ARGS"]],
    [
      "master",
      "etc/etcd/etcd.conf",
      ["ETCD_NAME", "ETCD_DATA_DIR", "ETCD_LISTEN_CLIENT_URLS", "ETCD_ADVERTISE_CLIENT_URLS"],
    ],
    [
      "node",
      "etc/sysconfig/flanneld",
      ["FLANNEL_ETCD_ENDPOINTS", "FLANNEL_ETCD_PREFIX", "FLANNEL_OPTIONS"],
    ],
    ["node", "etc/sysconfig/docker", ["OPTIONS"]],
  ])("of a %s: %s sets the variables of the course", (role, path, names) => {
    const laidOut = role === "master" ? master : node;
    expect(Object.keys(laidOut.variables(path))).toEqual(names);
  });

  test("have no comment behind a value, where it would be the value", () => {
    for (const { directory, variables } of [master, node]) {
      const paths = ["etc/kubernetes", "etc/sysconfig"].flatMap((folder) =>
        readdirSync(join(directory, folder)).map((file) => join(folder, file)),
      );
      expect(paths.length).toBeGreaterThan(4);
      for (const path of paths) {
        for (const value of Object.values(variables(path))) expect(value).not.toContain("#");
      }
    }
    expect(master.variables("etc/etcd/etcd.conf").ETCD_NAME).toBe("master");
  });

  test("name the node they are on, for kubelet and kube-proxy alike", () => {
    expect(node.command("kubelet.service")).toContain("--hostname-override=node2");
    expect(node.command("kube-proxy.service")).toContain("--hostname-override=node2");
  });

  test("give flannel a network that is neither the hosts' nor the services'", () => {
    const { FLANNEL_NETWORK_CONFIG: text } = master.variables("etc/sysconfig/flannel-network");
    expect(() => parseConfig(text!)).not.toThrow();
    expect(JSON.parse(text!)).toEqual({ Network: "10.1.0.0/16", Backend: { Type: "vxlan" } });
  });

  test("name every host of the course once, however often they are laid out", () => {
    const lines = master.text("etc/hosts").trim().split("\n");
    expect(lines).toContain("10.211.55.12 registry");
    expect(new Set(lines).size).toBe(lines.length);
  });
});

describe("the units", () => {
  test("start in the order etcd, flannel's config, flanneld, docker, on the master", () => {
    const names = ["docker", "flanneld", "flannel-config", "etcd", "kube-apiserver"];
    const ordered = inStartOrder(names.map((name) => master.unit(`${name}.service`)));
    const at = (name: string) => ordered.findIndex((unit) => unit.name === `${name}.service`);
    expect(at("etcd")).toBeLessThan(at("flannel-config"));
    expect(at("flannel-config")).toBeLessThan(at("flanneld"));
    expect(at("flanneld")).toBeLessThan(at("docker"));
    expect(at("etcd")).toBeLessThan(at("kube-apiserver"));
  });

  test("start in the order flanneld, docker, kubelet, on a node", () => {
    const names = ["kubelet", "kube-proxy", "docker", "flanneld"];
    const ordered = inStartOrder(names.map((name) => node.unit(`${name}.service`)));
    const [first] = ordered;
    expect(first!.name).toBe("flanneld.service");
    const at = (name: string) => ordered.findIndex((unit) => unit.name === name);
    expect(at("docker.service")).toBeLessThan(at("kubelet.service"));
  });
});

describeWith(["systemd", "etcd", "registry"], "systemd", () => {
  test.each(["master", "node"])("has nothing to say against the units of a %s", (role) => {
    const laidOut = role === "master" ? master : node;
    const directory = join(laidOut.directory, "verify");
    mkdirSync(directory);
    cpSync(laidOut.units, directory, { recursive: true });
    // Docker's own unit is of its package.
    writeFileSync(join(directory, "docker.service"), "[Service]\nExecStart=/usr/bin/false\n");
    const names = readdirSync(directory).filter((name) => name.endsWith(".service"));
    for (const name of names) pointTo(join(laidOut.directory, "usr/local/bin"), directory, name);
    const { status, stdout, stderr } = verify(directory, names);
    expect({ status, said: `${stdout}${stderr}` }).toEqual({ status: 0, said: "" });
  });

  test("does object to a unit that is wrong", () => {
    const directory = join(node.directory, "wrong");
    mkdirSync(directory);
    writeFileSync(join(directory, "wrong.service"), "[Service]\nType=nonsense\n");
    expect(verify(directory, ["wrong.service"]).stderr).toMatch(/nonsense/);
  });
});

/** The programs are laid out elsewhere than where they will be. */
function pointTo(programs: string, directory: string, name: string): void {
  const path = join(directory, name);
  const text = readFileSync(path, "utf8").replaceAll("=/usr/local/bin", `=${programs}`);
  writeFileSync(path, text);
}

function verify(directory: string, names: readonly string[]) {
  const args = ["verify", "--man=no", ...names.map((name) => join(directory, name))];
  const env = { ...process.env, SYSTEMD_UNIT_PATH: `${directory}:` };
  return spawnSync("systemd-analyze", args, { encoding: "utf8", env });
}

/** What the parts of the test of the three hosts share: one lab, and how its pods are looked at. */
import type { Pod } from "kubernetes-types/core/v1.js";
import { expect } from "vitest";
import { eventually } from "../../support/eventually.ts";
import type { HostsLab } from "../../support/hosts-lab.ts";

/** For what a whole cluster has to do on a machine that is busy with other tests. */
export const LONG_MS = 180_000;

export interface PodPlace {
  name: string;
  ip: string;
  node: string;
  restarts: number;
}

/** The lab is up only once the tests run, so it is asked for then. */
export class Parts {
  readonly #lab: () => HostsLab;

  constructor(lab: () => HostsLab) {
    this.#lab = lab;
  }

  get lab(): HostsLab {
    return this.#lab();
  }

  /** Those that are ready to serve and stay, in the order of their names. */
  async pods(app: string): Promise<PodPlace[]> {
    const text = await this.lab.kubectl("get", "pods", "-l", `app=${app}`, "-o", "json");
    const { items }: { items: Pod[] } = JSON.parse(text);
    return items.filter(isServing).map(({ metadata, spec, status }) => ({
      name: metadata!.name!,
      ip: status!.podIP!,
      node: spec!.nodeName!,
      restarts: status!.containerStatuses![0]!.restartCount!,
    }));
  }

  /** Once exactly so many are. */
  podsWhen(app: string, count: number, withinMs = LONG_MS): Promise<PodPlace[]> {
    return eventually(async () => {
      const pods = await this.pods(app);
      expect(pods).toHaveLength(count);
      return pods;
    }, withinMs);
  }

  /** Once there are no others than these, on their way in or out. */
  async noOthers(app: string, pods: readonly PodPlace[], withinMs = LONG_MS): Promise<void> {
    await eventually(async () => {
      const rows = await this.lab.kubectl("get", "pods", "-l", `app=${app}`, "-o", "name");
      const names = rows.split("\n").filter(Boolean);
      expect(names.toSorted()).toEqual(pods.map(({ name }) => `pod/${name}`).toSorted());
    }, withinMs);
  }

  /** In a pod; fails the test when the command fails. */
  inPod({ name }: PodPlace, ...line: string[]): Promise<string> {
    return this.lab.kubectl("exec", name, "--", ...line);
  }

  async clusterIP(service: string): Promise<string> {
    const path = "jsonpath={.spec.clusterIP}";
    return this.lab.kubectl("get", "service", service, "-o", path);
  }

  /** Once the service has so many ready endpoints, and the kube-proxies of both nodes know them. */
  async endpointsWhen(service: string, count: number): Promise<void> {
    for (const node of ["node1", "node2"]) await this.endpointsOnNode(node, service, count);
  }

  async endpointsOnNode(node: string, service: string, count: number): Promise<void> {
    const path = "jsonpath={.subsets[*].addresses[*].ip}";
    await eventually(async () => {
      const text = await this.lab.kubectl("get", "endpoints", service, "-o", path);
      const addresses = text.split(" ").filter(Boolean);
      expect(addresses).toHaveLength(count);
      const rules = await this.lab.on(node, "iptables-save", "-t", "nat");
      const ofService = new RegExp(`"default/${service}".* --to-destination (\\S+):`, "g");
      const known = [...rules.matchAll(ofService)].map(([, address]) => address!);
      expect(known.toSorted()).toEqual(addresses.toSorted());
    }, LONG_MS);
  }

  async nodesAre(statuses: Record<string, string>, withinMs = LONG_MS): Promise<void> {
    await eventually(async () => {
      const text = await this.lab.kubectl("get", "nodes", "--no-headers");
      const rows = text.trim().split("\n");
      const found = rows.map((row) => row.split(/\s+/).slice(0, 2));
      expect(Object.fromEntries(found)).toEqual(statuses);
    }, withinMs);
  }

  /** The process of a unit. */
  async pidOf(host: string, unit: string): Promise<string> {
    const text = await this.lab.on(host, "systemctl", "status", unit);
    return /Main PID: (\d+)/.exec(text)![1]!;
  }
}

function isServing({ metadata, status }: Pod): boolean {
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  return metadata?.deletionTimestamp === undefined && ready?.status === "True";
}

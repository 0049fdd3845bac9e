/**
 * The first lesson, as a student does it with kubectl: the same walk for simulated nodes, for Docker
 * and for separate daemons.
 */
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { eventually } from "../support/eventually.ts";
import { type Kubectl, runKubectl } from "../support/kubectl.ts";

const examples = fileURLToPath(new URL("../../examples/", import.meta.url));

export interface WalkOptions {
  kubectl: Kubectl;
  kubeconfig: string;
  nodes: string[];
}

export class Walk {
  readonly #options: WalkOptions;

  constructor(options: WalkOptions) {
    this.#options = options;
  }

  /** Runs kubectl and gives back what it printed; fails the test when kubectl fails. */
  async run(...args: string[]): Promise<string> {
    const { kubectl, kubeconfig } = this.#options;
    const { code, stdout, stderr } = await runKubectl(kubectl, kubeconfig, args);
    expect(code, `kubectl ${args.join(" ")}\n${stderr}`).toBe(0);
    return stdout;
  }

  /** Runs kubectl, which must fail, and gives back what it complained of. */
  async refused(args: string[], input = ""): Promise<string> {
    const { kubectl, kubeconfig } = this.#options;
    const { code, stdout, stderr } = await runKubectl(kubectl, kubeconfig, args, input);
    expect(code, `kubectl ${args.join(" ")} succeeded: ${stdout}`).not.toBe(0);
    return stderr.trim();
  }

  async seesReadyNodes(): Promise<void> {
    await eventually(async () => {
      const rows = tableRows(await this.run("get", "nodes"));
      expect(rows.map(([name, status]) => [name, status])).toEqual(
        this.#options.nodes.map((name) => [name, "Ready"]),
      );
    });
  }

  async createsTheExample(): Promise<void> {
    const rc = await this.run("create", "-f", `${examples}nginx-rc.yaml`);
    expect(rc).toBe("replicationcontroller/nginx created\n");
    const service = await this.run("create", "-f", `${examples}nginx-service.yaml`);
    expect(service).toBe("service/nginx created\n");
    await this.hasRunningPods(3);
  }

  /** Resolves to the names of the pods, once so many are Running and Ready and no others are there. */
  async hasRunningPods(count: number, withinMs = 120_000): Promise<string[]> {
    return eventually(async () => {
      const rows = tableRows(await this.run("get", "pods", "-l", "app=nginx"));
      const states = rows.map(([, ready, status]) => `${ready} ${status}`);
      expect(states).toEqual(Array.from({ length: count }, () => "1/1 Running"));
      return rows.map(([name]) => name!);
    }, withinMs);
  }

  async printsTheOriginalsColumns(): Promise<void> {
    const text = await eventually(async () => {
      const printed = await this.run("get", "rc,pods,svc,endpoints", "-o", "wide");
      expect(printed).toMatch(/endpoints\/nginx +\d+\.\d+\.\d+\.\d+:80,\d+\.\d+\.\d+\.\d+:80,/);
      return printed;
    });
    const headings = text.split("\n").filter((line) => line.startsWith("NAME "));
    expect(headings.map((line) => line.trim().split(/ {2,}/))).toEqual([
      ["NAME", "DESIRED", "CURRENT", "READY", "AGE", "CONTAINERS", "IMAGES", "SELECTOR"],
      [
        "NAME",
        "READY",
        "STATUS",
        "RESTARTS",
        "AGE",
        "IP",
        "NODE",
        "NOMINATED NODE",
        "READINESS GATES",
      ],
      ["NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE", "SELECTOR"],
      ["NAME", "ENDPOINTS", "AGE"],
    ]);
    expect(text).toMatch(
      /replicationcontroller\/nginx +3 +3 +3 +\S+ +nginx +nginx:1\.25 +app=nginx/,
    );
    expect(text).toMatch(
      /service\/nginx +ClusterIP +10\.\d+\.\d+\.\d+ +<none> +80\/TCP +\S+ +app=nginx/,
    );
    expect(text).toMatch(
      /pod\/nginx-\w{5} +1\/1 +Running +0 +\S+ +\d+\.\d+\.\d+\.\d+ +\S+ +<none> +<none>/,
    );
  }

  async scales(): Promise<void> {
    const scaled = await this.run("scale", "rc", "nginx", "--replicas=5");
    expect(scaled).toBe("replicationcontroller/nginx scaled\n");
    await this.hasRunningPods(5);
  }

  async replacesADeletedPod(): Promise<void> {
    const before = await this.hasRunningPods(5);
    await this.run("delete", "pod", before[0]!);
    const after = await this.hasRunningPods(5);
    expect(after).not.toContain(before[0]);
    expect(after.filter((name) => before.includes(name))).toHaveLength(4);
  }

  async releasesARelabelledPod(): Promise<void> {
    const [pod = ""] = await this.hasRunningPods(5);
    await this.run("label", "pod", pod, "app-");
    const after = await this.hasRunningPods(5);
    expect(after).not.toContain(pod);
    await eventually(async () => {
      const owners = await this.run(
        "get",
        "pod",
        pod,
        "-o",
        "jsonpath={.metadata.ownerReferences}",
      );
      expect(owners).toBe("");
    });
    await this.run("delete", "pod", pod);
  }

  async describesAPodWithItsEvents(): Promise<void> {
    const [pod = ""] = await this.hasRunningPods(5);
    await eventually(async () => {
      const text = await this.run("describe", "pod", pod);
      expect(text).toMatch(
        /Normal +Scheduled +\S+( +default-scheduler)? +(default-scheduler +)?Successfully assigned default\/nginx-\w{5} to node\d/,
      );
      expect(text).toMatch(/Normal +Created +\S+ +kubelet +Created container:? nginx/);
      expect(text).toMatch(/Normal +Started +\S+ +kubelet +Started container nginx/);
    });
  }

  async readsLogsAndRunsACommand(): Promise<void> {
    const [pod = ""] = await this.hasRunningPods(5);
    expect(await this.run("exec", pod, "--", "hostname")).toBe(`${pod}\n`);
    expect(await this.run("logs", pod)).not.toBe("");
    expect(await this.refused(["exec", pod, "--", "sh", "-c", "exit 7"])).toContain("exit code 7");
  }

  async deletesEverything(): Promise<void> {
    expect(await this.run("delete", "rc", "nginx")).toBe('replicationcontroller "nginx" deleted\n');
    await this.run("delete", "service", "nginx");
    await eventually(async () => {
      expect(tableRows(await this.run("get", "pods"))).toEqual([]);
    });
  }
}

/** The cells of a printed table, without its heading. */
export function tableRows(text: string): string[][] {
  return text
    .split("\n")
    .slice(1)
    .filter((line) => line !== "")
    .map((line) => line.trim().split(/ {2,}| (?=\d+\/\d+ )/));
}

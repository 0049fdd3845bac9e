/** Requests without end, from a host of the lab or from a pod, and how many of them failed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { eventually } from "../../support/eventually.ts";
import type { HostsLab } from "../../support/hosts-lab.ts";
import { apply } from "./manifests.ts";

const script = fileURLToPath(new URL("load.mjs", import.meta.url));

export interface LoadResult {
  /** What was answered -> how often. */
  answers: Record<string, number>;
  failures: { atMs: number; reason: string }[];
}

export interface Load {
  /** Ends it; resolves to what came out. */
  stop(): Promise<LoadResult>;
}

/** From a host: `count` requests, one after the other. */
export async function requestsFrom(host: string, url: string, count: number) {
  const load = await startHostLoad(host, url, count);
  return load.ended;
}

/** From a host: until it is stopped. */
export async function startHostLoad(host: string, url: string, count = Number.POSITIVE_INFINITY) {
  const line = [`--net=/run/netns/${host}`, process.execPath, script, url, `${count}`];
  const child = spawn("nsenter", line, { stdio: ["pipe", "pipe", "inherit"] });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    said += chunk;
  });
  const ended = once(child, "close").then(([code]): LoadResult => {
    expect(code, said).toBe(0);
    return JSON.parse(said.slice(said.indexOf("{")));
  });
  await eventually(() => expect(said).toContain("asking"));
  const stop = () => {
    child.stdin.end();
    return ended;
  };
  return { ended, stop };
}

/** From a pod of its own on that node: the shell of busybox in a loop, which tells its log. */
export async function startPodLoad(lab: HostsLab, node: string, url: string): Promise<Load> {
  const name = `asker-${node}`;
  const loop = `trap 'exit 0' TERM; while :; do timeout 30 wget -qO- ${url} 2>&1 || echo FAILED; done`;
  await apply(lab, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      nodeName: node,
      terminationGracePeriodSeconds: 1,
      containers: [{ name, image: "registry:5000/busybox", command: ["sh", "-c", loop] }],
    },
  });
  await lab.kubectl("wait", "--for=condition=Ready", "pod", name, "--timeout=120s");
  return {
    async stop() {
      const lines = (await lab.kubectl("logs", "--timestamps", name)).trim().split("\n");
      await lab.kubectl("delete", "pod", name, "--now");
      return countLines(lines);
    },
  };
}

/** "2026-11-22T20:00:00.123456789Z Welcome to nginx on web-x2k4p" */
function countLines(lines: string[]): LoadResult {
  const answers: Record<string, number> = {};
  const failures: LoadResult["failures"] = [];
  const startMs = Date.parse(lines[0]!.split(" ")[0]!);
  let complaint = "";
  for (const line of lines) {
    const at = line.indexOf(" ");
    const text = line.slice(at + 1);
    if (text === "FAILED") {
      failures.push({ atMs: Date.parse(line.slice(0, at)) - startMs, reason: complaint });
    } else if (text.startsWith("Welcome")) answers[text] = (answers[text] ?? 0) + 1;
    else complaint = text;
  }
  return { answers, failures };
}

/** How many were answered. */
export function answeredOf({ answers }: LoadResult): number {
  return Object.values(answers).reduce((sum, count) => sum + count, 0);
}

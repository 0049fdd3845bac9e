/** A terminal in which one kubectl is at hand, talking to one simulated cluster as its administrator. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { writeKubeconfig } from "../../src/kubeling/kubeconfig-file.ts";
import { eventually } from "../support/eventually.ts";
import type { Kubectl } from "../support/kubectl.ts";
import { startWholeCluster } from "../support/whole-cluster.ts";
import { comparable, expressionOf } from "./pattern.ts";
import type { Chapter, Row } from "./row.ts";

const SOON_MS = 120_000;

interface Background {
  row: Row;
  child: ChildProcess;
  text(): string;
}

export interface Terminal {
  /** Goes to the chapter: its namespace, and a directory with its files. */
  open(chapter: Chapter): Promise<void>;
  /** Types the line, and expects what it says. */
  play(row: Row): Promise<void>;
  /** What a line says, and how it ends. */
  type(line: string): Promise<{ text: string; code: number }>;
  close(): Promise<void>;
}

export async function startTerminal(kubectl: Kubectl): Promise<Terminal> {
  const cluster = await startWholeCluster({ nodes: 2 });
  const home = join(cluster.directory, "home");
  mkdirSync(join(home, "bin"), { recursive: true });
  symlinkSync(kubectl.path, join(home, "bin", "kubectl"));
  const kubeconfig = join(home, "kubeconfig");
  const { certificates, secureServer: server } = cluster;
  writeKubeconfig({ path: kubeconfig, server, certificates });
  const PATH = `${join(home, "bin")}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
  const env: NodeJS.ProcessEnv = { PATH, HOME: home, KUBECONFIG: kubeconfig, TERM: "dumb" };
  let directory = home;
  let meanwhile: Background | undefined;

  const start = (line: string) => {
    // Of a group of its own, so that what it starts can be ended with it.
    const child = spawn("bash", ["-c", `{ ${line}\n} 2>&1`], {
      cwd: directory,
      env,
      detached: true,
    });
    child.stdin.end();
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    const ended = new Promise<number>((resolve) =>
      child.on("close", (code) => resolve(code ?? -1)),
    );
    return { child, text: () => text, ended };
  };
  const type = async (line: string) => {
    const { text, ended } = start(line);
    const code = await ended;
    return { text: text(), code };
  };
  const end = async ({ child }: Background) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const closed = new Promise((resolve) => child.once("close", resolve));
    process.kill(-child.pid!, "SIGKILL");
    await closed;
  };

  /** Starts what is to go on meanwhile, and waits for its first words. */
  const startMeanwhile = async (row: Row) => {
    const { child, text } = start(row.run);
    meanwhile = { row, child, text };
  };
  const attempt = async (row: Row) => {
    const { text, code } = await type(row.run);
    expectSaid(row, text);
    expect({ run: row.run, fails: code !== 0 }).toEqual({ run: row.run, fails: row.fails });
    if (meanwhile && row.isRetried) expectSaid(meanwhile.row, meanwhile.text(), true);
  };
  const playDuring = async (row: Row, { row: before, text }: Background) => {
    if (!row.isRetried) await eventually(() => expect(text()).toMatch(/\n/), SOON_MS);
    env.PORT = /:(\d+)/.exec(text())?.[1] ?? "";
    await (row.isRetried ? eventually(() => attempt(row), SOON_MS) : attempt(row));
    await eventually(() => expectSaid(before, text(), true), SOON_MS);
  };

  return {
    async open(chapter) {
      directory = join(home, chapter.name);
      mkdirSync(directory);
      for (const [name, text] of Object.entries(chapter.files ?? {})) {
        mkdirSync(join(directory, name, ".."), { recursive: true });
        writeFileSync(join(directory, name), text.trimStart());
      }
      await type("kubectl config use-context kubeling");
      await type(`kubectl create namespace ${chapter.name}`);
      await type(`kubectl config set-context --current --namespace=${chapter.name}`);
      await eventually(async () =>
        expect((await type("kubectl get serviceaccount default")).code).toBe(0),
      );
    },
    async play(row) {
      if (row.isMeanwhile) return startMeanwhile(row);
      if (meanwhile) {
        try {
          await playDuring(row, meanwhile);
        } finally {
          await end(meanwhile);
          meanwhile = undefined;
        }
        return;
      }
      await (row.isRetried ? eventually(() => attempt(row), SOON_MS) : attempt(row));
    },
    type,
    async close() {
      if (meanwhile) await end(meanwhile);
      await cluster.stop();
    },
  };
}

function expectSaid({ run, says }: Row, text: string, asStart = false): void {
  if (expressionOf(says, asStart).test(comparable(text))) return;
  // Shown as a difference of the two texts; the places differ in it too.
  expect({ run, said: comparable(text) }).toEqual({ run, said: comparable(says) });
}

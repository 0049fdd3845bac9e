/**
 * Real kubectls for the tests: the one on the PATH, its siblings named kubectl.1.NN, and those
 * named by KUBELING_KUBECTLS (separated by colons).
 */
import { execFile, execFileSync } from "node:child_process";
import { readdirSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";

export interface Kubectl {
  path: string;
  /** The minor version: 20, 33. */
  minor: number;
}

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

let found: Kubectl[] | undefined;

/** All that are here, oldest first. */
export function kubectls(): Kubectl[] {
  found ??= [...new Set(candidates())]
    .map((path) => ({ path, minor: minorVersionOf(path) }))
    .toSorted((a, b) => a.minor - b.minor)
    .filter((one, i, all) => one.minor !== all[i - 1]?.minor);
  return found;
}

/** The oldest and the newest: where a protocol changed, they differ. */
export function oldestAndNewest(): Kubectl[] {
  const all = kubectls();
  return all.length > 1 ? [all[0]!, all.at(-1)!] : all;
}

/** Runs kubectl with the given kubeconfig; never rejects because kubectl failed. */
export function runKubectl(
  kubectl: Kubectl,
  kubeconfig: string,
  args: string[],
  input = "",
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const options = {
      // What it knows of a server it keeps for hours, in a file named after the port: beside its kubeconfig, so that another
      // cluster that gets the port is not taken for this one.
      env: { ...process.env, HOME: dirname(kubeconfig), KUBECONFIG: kubeconfig },
      maxBuffer: 256 << 20,
      timeout: 120_000,
    };
    const child = execFile(kubectl.path, args, options, (error, stdout, stderr) => {
      if (error && typeof error.code !== "number") return reject(error);
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
    // It may end before it has read all, or anything.
    child.stdin!.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") reject(error);
    });
    child.stdin!.end(input);
  });
}

function candidates(): string[] {
  const named = (process.env.KUBELING_KUBECTLS ?? "").split(":").filter(Boolean);
  const onPath = (process.env.PATH ?? "")
    .split(":")
    .flatMap((directory) => kubectlsIn(directory, (name) => name === "kubectl"));
  const siblings = onPath
    .map((path) => dirname(realpathSync(path)))
    .flatMap((directory) => kubectlsIn(directory, (name) => /^kubectl\.1\.\d+$/.test(name)));
  return [...named, ...onPath.slice(0, 1), ...siblings].map((path) => realpathSync(path));
}

function kubectlsIn(directory: string, isWanted: (name: string) => boolean): string[] {
  try {
    return readdirSync(directory)
      .filter(isWanted)
      .map((name) => join(directory, name));
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? ""))
      return [];
    throw error;
  }
}

function minorVersionOf(path: string): number {
  const fromName = /^kubectl\.1\.(\d+)$/.exec(basename(path));
  if (fromName) return Number(fromName[1]);
  const text = execFileSync(path, ["version", "--client", "-o", "json"], { encoding: "utf8" });
  const { clientVersion } = JSON.parse(text) as { clientVersion: { minor: string } };
  return Number.parseInt(clientVersion.minor, 10);
}

/**
 * What `npm start` and `npm test` need before they can begin, done by themselves: the dependencies
 * (when they are missing or the lock file has changed) and the build (when a source is newer).
 *
 * Plain JavaScript without imports from npm: it runs before anything is installed.
 */
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** Installs what package-lock.json says, unless that has been done. True when it had to. */
export function ensureDependencies() {
  const modules = join(root, "node_modules");
  // Another checkout's: npm ci would empty it there.
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) return false;
  const installed = join(root, "node_modules/.package-lock.json");
  if (existsSync(installed) && mtimeMs(installed) >= mtimeMs(join(root, "package-lock.json")))
    return false;
  process.stderr.write("Installing dependencies (npm ci) ...\n");
  // No package needs its install script: native parts come prebuilt, or are optional.
  const flags = ["ci", "--ignore-scripts", "--no-progress", "--loglevel=error"];
  run(process.platform === "win32" ? "npm.cmd" : "npm", flags);
  // git may have written the lock file a moment after npm's own record of it.
  utimesSync(installed, new Date(), new Date());
  return true;
}

/** Builds dist/, unless it is newer than every source. True when it had to. */
export async function ensureBuild() {
  const mark = join(root, "dist/.built");
  const sources = ["src", "bench", "scripts", "package-lock.json"].map((name) => join(root, name));
  if (existsSync(mark) && mtimeMs(mark) >= Math.max(...sources.map(newestMs))) return false;
  const { build } = await import(pathToFileURL(join(root, "scripts/build.mjs")).href);
  await build();
  writeFileSync(mark, "");
  return true;
}

/** Runs a command in the repository's root; ends this process with its exit code if it fails. */
export function run(command, args, env = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...env },
    shell: process.platform === "win32",
  });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

function newestMs(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newestMs(join(path, name))));
}

function mtimeMs(path) {
  return statSync(path).mtimeMs;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  ensureDependencies();
  await ensureBuild();
}

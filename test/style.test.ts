/** The house rules a machine can check. A rule that cannot be checked here is advice. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

/** Which folder may import which. Components meet in the API server and nowhere else. */
const EVERYBODY_MAY_IMPORT = ["api", "client", "component"];
const MAY_IMPORT: Record<string, string[]> = {
  api: ["api"],
  component: ["component"],
  client: EVERYBODY_MAY_IMPORT,
  apiserver: EVERYBODY_MAY_IMPORT,
  "controller-manager": EVERYBODY_MAY_IMPORT,
  scheduler: EVERYBODY_MAY_IMPORT,
  kubelet: EVERYBODY_MAY_IMPORT,
  proxy: EVERYBODY_MAY_IMPORT,
  flannel: EVERYBODY_MAY_IMPORT,
  dns: EVERYBODY_MAY_IMPORT,
  simulator: [...EVERYBODY_MAY_IMPORT, "kubelet/runtime"],
};
/** The one folder that puts the components together. */
const COMPOSES_ALL = "kubeling";

/** Time and chance are parameters: only these files take them from the machine. */
const MAY_READ_CLOCK = ["component/clock.ts", "component/random.ts"];
const CLOCK_OR_CHANCE =
  /\bDate\.now\(|\bnew Date\(\)|(?<![.\w])set(?:Timeout|Interval)\(|\bMath\.random\(|\brandomUUID\(/;

const LINES_MAX = 300;
const root = new URL("../src/", import.meta.url);
const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => /\.tsx?$/.test(file));

describe.each(files)("src/%s", (file) => {
  const text = readFileSync(new URL(file, root), "utf8");
  const code = withoutComments(text);
  const folder = file.split("/")[0]!;

  test("opens by saying what it is for", () => {
    expect(text).toMatch(/^(#!.*\n)?\/\*\*/);
  });

  test("imports only what its folder may", () => {
    if (folder === COMPOSES_ALL) return;
    const allowed = MAY_IMPORT[folder] ?? [];
    const forbidden = importsOf(code)
      .filter((path) => path.startsWith("."))
      .map((path) => new URL(path, new URL(file, root)).pathname.slice(root.pathname.length))
      .filter((target) => !target.startsWith(`${folder}/`))
      .filter((target) => !allowed.some((one) => target.startsWith(`${one}/`)));
    expect(forbidden).toEqual([]);
  });

  test("takes time and chance as parameters", () => {
    if (MAY_READ_CLOCK.includes(file) || folder === "ui") return;
    expect(code.split("\n").filter((line) => CLOCK_OR_CHANCE.test(line))).toEqual([]);
  });

  test("swallows no error", () => {
    expect(code).not.toMatch(/catch\s*(\([^)]*\))?\s*\{\s*\}/);
    expect(code).not.toMatch(/\.catch\(\(\w*\)\s*=>\s*(undefined|\{\s*\})\)/);
  });

  test(`has at most ${LINES_MAX} lines`, () => {
    expect(text.split("\n").length - 1).toBeLessThanOrEqual(LINES_MAX);
  });

  test("is named after a noun, and is no barrel", () => {
    expect(file).not.toMatch(/(^|\/)(utils?|helpers?|common|types|index)\.ts$/);
    expect(code).not.toMatch(/^export \* from/m);
  });

  test("leaves nothing to do later", () => {
    expect(text).not.toMatch(/\b(TODO|FIXME|XXX)\b/);
  });
});

describe("the source", () => {
  test("is all named in READING.md, once each", () => {
    const reading = readFileSync(new URL("../READING.md", import.meta.url), "utf8");
    const named = [...reading.matchAll(/`src\/([\w./-]+\.tsx?)`/g)].map((match) => match[1]!);
    expect(named.toSorted()).toEqual(files.toSorted());
  });
});

function importsOf(code: string): string[] {
  return [...code.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map((match) => match[1]!);
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

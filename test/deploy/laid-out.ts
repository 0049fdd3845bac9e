/** What deploy/install.sh lays out for a host, in a directory of the test. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { commandWords } from "../../src/kubeling/hosts/command-words.ts";
import { parseEnvironmentFile, type Variables } from "../../src/kubeling/hosts/environment-file.ts";
import { parseUnit, type Unit } from "../../src/kubeling/hosts/unit-file.ts";

const installer = fileURLToPath(new URL("../../deploy/install.sh", import.meta.url));

export interface LaidOut {
  directory: string;
  units: string;
  /** Of a file below /. */
  text(path: string): string;
  variables(path: string): Variables;
  unit(name: string): Unit;
  /** Its program and arguments, as systemd would start it. */
  command(name: string): string[];
}

export function layOut(role: "master" | "node", name: string): LaidOut {
  const directory = mkdtempSync(join(tmpdir(), "kubeling-deploy-"));
  const env = { ...process.env, NODE: process.execPath };
  execFileSync("sh", [installer, "--into", directory, role, name], { env, stdio: "pipe" });
  const units = join(directory, "etc/systemd/system");
  const text = (path: string) => readFileSync(join(directory, path), "utf8");
  const variables = (path: string) => parseEnvironmentFile(text(path));
  const unit = (of: string) => parseUnit(of, textsOf(units, of));
  return {
    directory,
    units,
    text,
    variables,
    unit,
    command(of) {
      const { start, environmentFiles } = unit(of);
      // What flannel writes when it has started is not there yet.
      const written = environmentFiles.filter(({ path }) => !path.startsWith("/run/"));
      const all = Object.assign({}, ...written.map(({ path }) => variables(path)));
      return commandWords(start[0]!, all);
    },
  };
}

function textsOf(directory: string, name: string): string[] {
  const names = readdirSync(directory);
  const dropIns = names.includes(`${name}.d`)
    ? readdirSync(join(directory, `${name}.d`)).map((file) => join(`${name}.d`, file))
    : [];
  return [...names.filter((one) => one === name), ...dropIns.toSorted()].map((file) =>
    readFileSync(join(directory, file), "utf8"),
  );
}

/** What a machine must have for some of the benchmarks: programs of the distribution, and root. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Those that are not there. `"root"`: to be root; all others are programs. */
export function missingOf(...needed: string[]): string[] {
  return needed.filter((one) => !(one === "root" ? process.getuid?.() === 0 : isOnPath(one)));
}

/** Where only root has them on its path, too. */
function isOnPath(program: string): boolean {
  const directories = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return directories.some((directory) => existsSync(join(directory, program)));
}

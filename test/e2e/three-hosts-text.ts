/** The commands in docs/three-hosts.md: lines that begin with a prompt, `[root@node1 ~]# hostname`. */
import { readFileSync } from "node:fs";

export interface Command {
  host: string;
  line: string;
}

export function commandsIn(file: string): Command[] {
  const text = readFileSync(new URL(`../../docs/${file}`, import.meta.url), "utf8");
  return [...text.matchAll(/^\[root@(\S+) ~\]# (.+)$/gm)].map(([, host, line]) => ({
    host: host!,
    line: line!,
  }));
}

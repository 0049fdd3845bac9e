/** The simulated shell and its commands as the program of a container, or of an exec. */

import type { Program } from "../process.ts";
import { type Streams, scriptOf } from "../shell/control.ts";
import { Shell } from "../shell/shell.ts";

export const shellProgram: Program = async (surroundings) => {
  const shell = new Shell(surroundings);
  const { argv } = surroundings;
  const isShell = /(^|\/)(sh|bash|ash)$/.test(argv[0] ?? "sh");
  const streams: Streams = {
    stdin: surroundings.stdin,
    stdout: (text) => surroundings.write("stdout", text),
    stderr: (text) => surroundings.write("stderr", text),
  };
  if (!isShell) return shell.exitCodeOf(() => shell.command(argv, streams));
  const script = scriptOf(argv, surroundings);
  if (script !== undefined) return shell.exitCodeOf(() => shell.script(script, streams));
  return shell.interactive(streams);
};

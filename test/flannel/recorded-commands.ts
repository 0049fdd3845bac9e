/** A kernel that answers as one did once: what `ip` and `bridge` printed, and what it was told since. */
import type { RunCommand } from "../../src/component/command.ts";

export interface RecordedKernel {
  run: RunCommand;
  /** The commands that change something, those of a batch one by one. */
  told: string[];
}

/** `answers`: by command line. What is not in it prints nothing. */
export function recordedKernel(answers: Readonly<Record<string, string>>): RecordedKernel {
  const told: string[] = [];
  const run: RunCommand = async (program, args, input = "") => {
    const line = [program, ...args].join(" ");
    if (line === "ip -force -batch -") {
      told.push(
        ...input
          .trimEnd()
          .split("\n")
          .map((command) => `ip ${command}`),
      );
    } else if (!args.includes("show")) told.push(line);
    return { stdout: answers[line] ?? "", stderr: "" };
  };
  return { run, told };
}

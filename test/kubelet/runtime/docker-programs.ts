/** What containers do in the tests, with the images of scripts/make-images.ts. */
import type { Programs } from "./runtime-contract.ts";

/** A shell script. As the first process of its namespace, it would not hear SIGTERM without a trap. */
export function shell(script: string) {
  return { command: ["sh", "-c"], args: [script] };
}

export const dockerPrograms: Programs = {
  waits: shell("trap 'exit 0' TERM; sleep 1000000 & wait"),
  prints: shell("echo one; echo two; echo oops >&2; echo three"),
  fails: shell("exit 3"),
  serves: { image: "nginx" },
  hostname: ["hostname"],
  cat: ["cat"],
  exit7: ["sh", "-c", "exit 7"],
};

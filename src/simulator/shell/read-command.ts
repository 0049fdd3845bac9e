/**
 * `read NAME...`: the next line of standard input, word by word into variables, the rest into the last one. It takes no
 * byte more than that line: what follows is for the next command. At the end of the input its exit code is 1.
 */
import { once } from "node:events";
import type { Readable } from "node:stream";
import type { Command } from "./commands.ts";

const NEWLINE = /[\n\r]/;

export const read: Command = async (args, { stdin, stdout }, { surroundings, variables }) => {
  const isRaw = args.some((arg) => /^-[a-z]*r/.test(arg));
  const names = args.filter((arg) => !arg.startsWith("-"));
  const echo = surroundings.isTerminal ? stdout : undefined;
  const { line, isWhole } = await lineFrom(stdin, surroundings.killed, echo);
  const words = (isRaw ? line : line.replace(/\\(.)/g, "$1")).trim();
  assign(names.length > 0 ? names : ["REPLY"], words, variables);
  return isWhole ? 0 : 1;
};

function assign(names: string[], text: string, variables: Map<string, string>): void {
  let rest = text;
  for (const [index, name] of names.entries()) {
    const [, word = ""] = index === names.length - 1 ? ["", rest] : (/^(\S*)/.exec(rest) ?? []);
    variables.set(name, word);
    rest = rest.slice(word.length).trimStart();
  }
}

async function lineFrom(
  stdin: Readable | undefined,
  signal: AbortSignal,
  echo: ((text: string) => void) | undefined,
): Promise<{ line: string; isWhole: boolean }> {
  const chunks: Buffer[] = [];
  const line = () => Buffer.concat(chunks).toString();
  while (stdin?.readable && !signal.aborted) {
    const chunk = stdin.read() as Buffer | string | null;
    if (chunk === null) {
      await moreIn(stdin, signal);
      continue;
    }
    const bytes = Buffer.from(chunk as string);
    const end = bytes.toString("latin1").search(NEWLINE);
    chunks.push(end < 0 ? bytes : bytes.subarray(0, end));
    echo?.(chunks.at(-1)!.toString());
    if (end < 0) continue;
    echo?.("\n");
    if (end + 1 < bytes.length) stdin.unshift(bytes.subarray(end + 1));
    return { line: line(), isWhole: true };
  }
  return { line: line(), isWhole: false };
}

/** Something has come, or nothing will. */
async function moreIn(stdin: Readable, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const events = ["readable", "end", "close"].map((event) =>
    once(stdin, event, { signal: either }),
  );
  try {
    await Promise.race(events);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    over.abort();
    await Promise.allSettled(events);
  }
}

/**
 * Lines from a stream, as a terminal gives them: with a prompt and echo, backspace, Ctrl-C and Ctrl-D,
 * where there is somebody to see it.
 */
import type { Readable } from "node:stream";

export interface LineReaderOptions {
  prompt(): string;
  /** Where what is typed is shown; undefined when it is not a terminal. */
  echo: ((text: string) => void) | undefined;
  signal: AbortSignal;
}

const CONTROL_C = "\u0003";
const CONTROL_D = "\u0004";
const BACKSPACE = /[\b\u007f]/;

export async function* readLines(
  stdin: Readable,
  { prompt, echo, signal }: LineReaderOptions,
): AsyncGenerator<string> {
  let line = "";
  echo?.(prompt());
  for await (const chunk of stdin.iterator({ destroyOnReturn: false })) {
    if (signal.aborted) return;
    for (const letter of String(chunk)) {
      if (letter === CONTROL_D && echo && line === "") return;
      if (letter === "\n" || letter === "\r") {
        echo?.("\n");
        yield line;
        line = "";
        echo?.(prompt());
      } else if (letter === CONTROL_C && echo) {
        line = "";
        echo(`^C\n${prompt()}`);
      } else if (BACKSPACE.test(letter) && echo) {
        if (line !== "") echo("\b \b");
        line = line.slice(0, -1);
      } else {
        line += letter;
        echo?.(letter);
      }
    }
  }
  if (line !== "") yield line;
}

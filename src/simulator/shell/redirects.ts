/** `>`, `>>`, `<` and `>&`: where a command's streams lead instead. */
import { PassThrough } from "node:stream";
import type { Streams } from "./control.ts";
import type { Redirect } from "./parser.ts";
import type { Shell } from "./shell.ts";

/** Runs `act` with its streams led elsewhere; 1 when a file to read is not there. */
export async function withRedirects(
  redirects: Redirect[],
  streams: Streams,
  shell: Shell,
  textOfTarget: (word: string) => Promise<string>,
  act: (streams: Streams) => Promise<number>,
): Promise<number> {
  let inner = streams;
  for (const { fd, operator, target } of redirects) {
    const path = await textOfTarget(target);
    if (operator === ">&") {
      inner = fd === 2 ? { ...inner, stderr: inner.stdout } : { ...inner, stdout: inner.stderr };
    } else if (operator === "<") {
      const content = shell.surroundings.files.read(shell.pathOf(path));
      if (content === undefined) {
        streams.stderr(`sh: can't open ${path}: no such file\n`);
        return 1;
      }
      inner = { ...inner, stdin: new PassThrough().end(content) };
    } else {
      const write = writerTo(path, operator === ">>", streams, shell);
      inner = fd === 2 ? { ...inner, stderr: write } : { ...inner, stdout: write };
    }
  }
  return act(inner);
}

function writerTo(
  path: string,
  isAppend: boolean,
  streams: Streams,
  shell: Shell,
): (text: string) => void {
  if (path === "/dev/null") return () => undefined;
  if (path === "/dev/stdout" || path === "/proc/1/fd/1") return streams.stdout;
  if (path === "/dev/stderr" || path === "/proc/1/fd/2") return streams.stderr;
  const { files } = shell.surroundings;
  const full = shell.pathOf(path);
  if (!isAppend) files.write(full, Buffer.alloc(0));
  return (text) => {
    files.write(
      full,
      Buffer.concat([files.read(full) ?? Buffer.alloc(0), Buffer.from(text as string)]),
    );
  };
}

/**
 * The words of a unit's command line, with its variables put in, as systemd does it:
 *
 *   $NAME     as a word of its own: split at blanks into any number of words; none where it is not set
 *   ${NAME}   anywhere in a word: stays within that word; empty where it is not set
 *   $$        a dollar
 *
 * In Kubernetes: not there; systemd.service(5), "COMMAND LINES".
 */
import type { Variables } from "./environment-file.ts";

export function commandWords(line: string, variables: Variables): string[] {
  return splitWords(line).flatMap((word) => {
    const whole = /^\$([A-Za-z_]\w*)$/.exec(word)?.[1];
    if (whole !== undefined) return splitWords(variables[whole] ?? "");
    return [
      word.replace(/\$\$|\$\{(\w+)\}/g, (_, name?: string) =>
        name === undefined ? "$" : (variables[name] ?? ""),
      ),
    ];
  });
}

/** At blanks, with quotes taken away; a quote begins and ends anywhere in a word. */
export function splitWords(line: string): string[] {
  const words = line.match(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/gs) ?? [];
  return words.map((word) =>
    word.replace(
      /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/gs,
      (_, double?: string, single?: string, escaped?: string) =>
        double?.replace(/\\(.)/gs, "$1") ?? single ?? escaped ?? "",
    ),
  );
}

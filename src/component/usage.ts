/**
 * The text of --help: each flag with its type, what it does and its default, in pflag's layout.
 *
 *       --port int                 The port to serve on. (default 10251)
 *   -v, --v int                    number for the log level verbosity
 *
 * In Kubernetes: github.com/spf13/pflag, FlagUsages
 */
import { flagTypes } from "./flag-types.ts";
import type { FlagDeclaration, FlagSet } from "./flags.ts";

export function usageOf(command: string, about: string, set: FlagSet): string {
  return `${about}\n\nUsage:\n  ${command} [flags]\n\nFlags:\n${flagUsages(set)}`;
}

/** One line for each flag, in alphabetical order; deprecated ones are left out. */
export function flagUsages(set: FlagSet): string {
  const shown = Object.entries(set)
    .filter(([, { deprecated }]) => deprecated === undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, declaration]) => columnsOf(name, declaration));
  const width = Math.max(0, ...shown.map(({ head }) => head.length));
  const lines = shown.map(({ head, text }) => {
    const indented = text.replaceAll("\n", `\n${" ".repeat(width + 3)}`);
    return `${head.padEnd(width)}   ${indented}\n`;
  });
  return lines.join("");
}

function columnsOf(name: string, declaration: FlagDeclaration): { head: string; text: string } {
  const { type, shorthand, usage, noEffect } = declaration;
  const { shownAs, show } = flagTypes[type];
  const quoted = /`([^`]+)`/.exec(usage)?.[1];
  const value = quoted ?? shownAs;
  const dashes = shorthand ? `  -${shorthand}, --${name}` : `      --${name}`;
  const initial = show(declaration.default as never);
  const notes = noEffect ? ` (No effect here: ${noEffect})` : "";
  const text = `${usage.replaceAll("`", "")}${notes}`;
  return {
    head: value ? `${dashes} ${value}` : dashes,
    text: initial === undefined ? text : `${text} (default ${initial})`,
  };
}

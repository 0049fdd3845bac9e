/** echo, printf, cat and others that read and write text. */

import { untilTerminated } from "../process.ts";
import type { Command } from "./commands.ts";
import type { Streams } from "./control.ts";
import type { Shell } from "./shell.ts";

const ESCAPES: Record<string, string> = {
  n: "\n",
  t: "\t",
  r: "\r",
  "\\": "\\",
  e: "\u001b",
  "0": "\0",
};

export const textCommands: Record<string, Command> = {
  echo(args, { stdout }) {
    const flags = args.findIndex((arg) => !/^-[neE]+$/.test(arg));
    const words = flags < 0 ? [] : args.slice(flags);
    const given = args.slice(0, args.length - words.length).join("");
    const text = words.join(" ");
    stdout((given.includes("e") ? unescaped(text) : text) + (given.includes("n") ? "" : "\n"));
    return 0;
  },
  printf([format = "", ...args], { stdout }) {
    let next = 0;
    do {
      stdout(
        unescaped(format).replace(/%([sd%])/g, (_, letter: string) => {
          return letter === "%" ? "%" : (args[next++] ?? (letter === "d" ? "0" : ""));
        }),
      );
    } while (next > 0 && next < args.length);
    return 0;
  },
  async cat(args, streams, shell) {
    if (args.length > 0) return eachFile("cat", args, streams, shell, streams.stdout);
    if (streams.stdin) for await (const chunk of streams.stdin) streams.stdout(String(chunk));
    return 0;
  },
  async head(args, streams, shell) {
    const { count, files } = countAndFiles(args);
    const lines = linesOf(await inputOf("head", files, streams, shell));
    streams.stdout(joined(lines.slice(0, count)));
    return 0;
  },
  async tail(args, streams, shell) {
    if (args.some((arg) => /^-[a-zA-Z]*[fF]$/.test(arg))) {
      return untilTerminated(shell.surroundings);
    }
    const { count, files } = countAndFiles(args);
    const lines = linesOf(await inputOf("tail", files, streams, shell));
    streams.stdout(joined(lines.slice(Math.max(0, lines.length - count))));
    return 0;
  },
  async grep(args, streams, shell) {
    const flags = args.filter((arg) => arg.startsWith("-")).join("");
    const [pattern = "", ...files] = args.filter((arg) => !arg.startsWith("-"));
    const lines = linesOf(await inputOf("grep", files, streams, shell));
    const needle = flags.includes("i") ? pattern.toLowerCase() : pattern;
    const matches = lines.filter((line) => {
      const text = flags.includes("i") ? line.toLowerCase() : line;
      return text.includes(needle) !== flags.includes("v");
    });
    if (flags.includes("c")) streams.stdout(`${matches.length}\n`);
    else if (!flags.includes("q")) streams.stdout(joined(matches));
    return matches.length > 0 ? 0 : 1;
  },
  async wc(args, streams, shell) {
    const files = args.filter((arg) => !arg.startsWith("-"));
    const text = await inputOf("wc", files, streams, shell);
    const words = text.split(/\s+/).filter((word) => word !== "").length;
    const lines = linesOf(text).length;
    if (args.includes("-l")) streams.stdout(`${lines}\n`);
    else streams.stdout(`${lines} ${words} ${Buffer.byteLength(text)}\n`);
    return 0;
  },
  async tee(args, streams, { surroundings, pathOf }) {
    let text = "";
    if (streams.stdin) {
      for await (const chunk of streams.stdin) {
        text += String(chunk);
        streams.stdout(String(chunk));
      }
    }
    for (const file of args) surroundings.files.write(pathOf(file), Buffer.from(text));
    return 0;
  },
  seq(args, { stdout }) {
    const [first = 1, last = first] = args.length > 1 ? args.map(Number) : [1, Number(args[0])];
    for (let number = first; number <= last; number++) stdout(`${number}\n`);
    return 0;
  },
};

async function eachFile(
  name: string,
  paths: string[],
  { stderr }: Streams,
  shell: Shell,
  use: (text: string) => void,
): Promise<number> {
  let code = 0;
  for (const path of paths) {
    const content = shell.surroundings.files.read(shell.pathOf(path));
    if (content !== undefined) use(content.toString());
    else {
      stderr(`${name}: can't open '${path}': No such file or directory\n`);
      code = 1;
    }
  }
  return code;
}

async function inputOf(
  name: string,
  files: string[],
  streams: Streams,
  shell: Shell,
): Promise<string> {
  let text = "";
  const add = (more: string) => {
    text += more;
  };
  if (files.length > 0) await eachFile(name, files, streams, shell, add);
  else if (streams.stdin) for await (const chunk of streams.stdin) add(String(chunk));
  return text;
}

function countAndFiles(args: string[]): { count: number; files: string[] } {
  const at = args.indexOf("-n");
  const short = args.find((arg) => /^-\d+$/.test(arg));
  const count = at >= 0 ? Number(args[at + 1]) : short ? Number(short.slice(1)) : 10;
  const files = args.filter((arg, index) => !arg.startsWith("-") && (at < 0 || index !== at + 1));
  return { count, files };
}

function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function joined(lines: string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

function unescaped(text: string): string {
  return text.replace(/\\([ntre0\\])/g, (_, letter: string) => ESCAPES[letter]!);
}

/** The programs of a simulated busybox: small, and only what is noticed from outside. */
import type { Readable } from "node:stream";
import { sleep } from "../../component/clock.ts";
import type { Streams } from "./control.ts";
import { fetchCommands } from "./fetch-commands.ts";
import { fileCommands } from "./file-commands.ts";
import { read } from "./read-command.ts";
import type { Shell } from "./shell.ts";
import { tar } from "./tar-command.ts";
import { textCommands } from "./text-commands.ts";

export type Command = (args: string[], streams: Streams, shell: Shell) => Promise<number> | number;

const UNITS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

const processCommands: Record<string, Command> = {
  ":": () => 0,
  true: () => 0,
  false: () => 1,
  async sleep([time = ""], { stderr }, { surroundings }) {
    const match = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(time);
    if (time === "infinity" || time === "inf")
      await sleep(surroundings.clock, 2 ** 31 - 1, surroundings.killed);
    if (!match) {
      stderr(`sleep: invalid number '${time}'\n`);
      return 1;
    }
    const seconds = Number(match[1]) * (UNITS[match[2] || "s"] ?? 1);
    const until = surroundings.clock.now().getTime() + seconds * 1000;
    for (let left = seconds * 1000; left > 0; left = until - surroundings.clock.now().getTime()) {
      await sleep(surroundings.clock, Math.min(left, 2 ** 31 - 1), surroundings.killed);
    }
    return 0;
  },
  export(args, _streams, { variables }) {
    for (const arg of args) {
      const [name = "", ...value] = arg.split("=");
      if (value.length > 0) variables.set(name, value.join("="));
    }
    return 0;
  },
  set: () => 0,
  wait: () => 0,
  env(_args, { stdout }, { variables }) {
    for (const [name, value] of variables) stdout(`${name}=${value}\n`);
    return 0;
  },
  hostname(_args, { stdout }, { surroundings }) {
    stdout(`${surroundings.hostname}\n`);
    return 0;
  },
  date(args, { stdout }, { surroundings }) {
    const now = surroundings.clock.now();
    const format = args.find((arg) => arg.startsWith("+"))?.slice(1);
    stdout(`${format === undefined ? dateLine(now) : formatDate(now, format)}\n`);
    return 0;
  },
  uname(args, { stdout }, { surroundings }) {
    const all = `Linux ${surroundings.hostname} 6.1.0-simulated #1 SMP x86_64 GNU/Linux`;
    stdout(
      args.includes("-a")
        ? `${all}\n`
        : args.includes("-n")
          ? `${surroundings.hostname}\n`
          : "Linux\n",
    );
    return 0;
  },
  whoami: (_args, { stdout }) => said(stdout, "root\n"),
  id: (_args, { stdout }) => said(stdout, "uid=0(root) gid=0(root) groups=0(root)\n"),
  nproc: (_args, { stdout }) => said(stdout, "1\n"),
  ps(_args, { stdout }, { surroundings }) {
    stdout(
      `PID   USER     TIME  COMMAND\n    1 root      0:00 ${surroundings.argv.join(" ") || "sh"}\n`,
    );
    return 0;
  },
  which(args, { stdout }) {
    const found = args.filter(isShellCommand);
    for (const name of found) stdout(`/bin/${name}\n`);
    return found.length === args.length ? 0 : 1;
  },
};

export const commands: Record<string, Command> = {
  ...processCommands,
  ...textCommands,
  ...fileCommands,
  ...fetchCommands,
  read,
  tar,
};

const SHELLS = ["sh", "bash", "ash"];

export function isShellCommand(name: string): boolean {
  return SHELLS.includes(name) || name in commands;
}

export function said(stdout: (text: string) => void, text: string): number {
  stdout(text);
  return 0;
}

export async function allOf(stdin: Readable | undefined): Promise<string> {
  let text = "";
  if (stdin) for await (const chunk of stdin) text += String(chunk);
  return text;
}

/** Sun Nov 22 16:55:05 UTC 2026 */
function dateLine(now: Date): string {
  const [day = "", date, month, year, time] = now.toUTCString().split(" ");
  return `${day.replace(",", "")} ${month} ${String(Number(date)).padStart(2)} ${time} UTC ${year}`;
}

function formatDate(now: Date, format: string): string {
  const iso = now.toISOString();
  const parts: Record<string, string> = {
    Y: iso.slice(0, 4),
    m: iso.slice(5, 7),
    d: iso.slice(8, 10),
    H: iso.slice(11, 13),
    M: iso.slice(14, 16),
    S: iso.slice(17, 19),
    F: iso.slice(0, 10),
    T: iso.slice(11, 19),
    s: `${Math.floor(now.getTime() / 1000)}`,
    Z: "UTC",
    "%": "%",
  };
  return format.replace(/%(.)/g, (all, letter: string) => parts[letter] ?? all);
}

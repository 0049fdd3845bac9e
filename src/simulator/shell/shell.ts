/**
 * The simulated shell: runs the tree of shell-parser.ts. As the first process of a container it heeds
 * SIGTERM only where the script has a trap for it, as the real one does.
 */
import { PassThrough } from "node:stream";
import { sleep } from "../../component/clock.ts";
import { KILLED_EXIT_CODE, type Surroundings } from "../process.ts";
import { commands } from "./commands.ts";
import { Exit, LoopJump, type Streams, scriptOf } from "./control.ts";
import { readLines } from "./line-reader.ts";
import { type Node, parseScript, type Redirect, ShellSyntaxError } from "./parser.ts";
import { withRedirects } from "./redirects.ts";
import { fieldsOf, textOf } from "./words.ts";

const COMMAND_NOT_FOUND = 127;
/** A loop that never sleeps is slowed down: it shares this process with the whole cluster. */
const FREE_TURNS = 500;
const THROTTLE_MS = 10;
const ASSIGNMENT = /^([A-Za-z_]\w*)=([\s\S]*)$/;

export class Shell {
  readonly surroundings: Surroundings;
  readonly variables: Map<string, string>;
  cwd: string;
  #last = 0;
  #turns = 0;
  #trap: { script: string; streams: Streams } | undefined;

  constructor(surroundings: Surroundings) {
    this.surroundings = surroundings;
    this.variables = new Map(surroundings.env);
    this.cwd = surroundings.workingDir;
  }

  /** Runs `act`, heeding SIGTERM; what it throws to end the shell becomes the exit code. */
  async exitCodeOf(act: () => Promise<number>): Promise<number> {
    // The signal is the container's, which may outlive many an exec in it: none may stay behind.
    const over = new AbortController();
    const byTrap = new Promise<number>((resolve) => {
      const once = { once: true, signal: over.signal };
      this.surroundings.terminated.addEventListener("abort", () => this.#trapInto(resolve), once);
    });
    return Promise.race([this.#guarded(act), byTrap]).finally(() => over.abort());
  }

  async #guarded(act: () => Promise<number>): Promise<number> {
    try {
      return await act();
    } catch (error) {
      if (error instanceof Exit) return error.code;
      if (this.surroundings.killed.aborted) return KILLED_EXIT_CODE;
      if (error instanceof LoopJump) return 0;
      if (!(error instanceof Error)) throw error;
      this.surroundings.write("stderr", `sh: ${error.message}\n`);
      return error instanceof ShellSyntaxError ? 2 : 1;
    }
  }

  async script(text: string, streams: Streams): Promise<number> {
    return this.#run(parseScript(text), streams);
  }

  /** Reads commands line by line, with a prompt on a terminal. */
  async interactive(streams: Streams): Promise<number> {
    const { stdin } = streams;
    const { isTerminal, killed } = this.surroundings;
    if (stdin === undefined) return 0;
    const prompt = () => (isTerminal ? `${this.cwd} # ` : "");
    const echo = isTerminal ? streams.stdout : undefined;
    return this.exitCodeOf(async () => {
      for await (const line of readLines(stdin, { prompt, echo, signal: killed })) {
        this.#last = await this.#line(line, { ...streams, stdin: undefined });
      }
      return this.#last;
    });
  }

  async #line(line: string, streams: Streams): Promise<number> {
    try {
      return await this.script(line, streams);
    } catch (error) {
      if (error instanceof Exit || !(error instanceof Error)) throw error;
      streams.stderr(`sh: ${error.message}\n`);
      return 2;
    }
  }

  /** SIGTERM: only a trap makes it end; its handler runs as soon as it comes. */
  #trapInto(end: (code: number | Promise<number>) => void): void {
    const trap = this.#trap;
    if (trap) end(this.#guarded(() => this.script(trap.script, trap.streams)));
  }

  async #run(node: Node, streams: Streams): Promise<number> {
    this.surroundings.killed.throwIfAborted();
    this.#last = await this.#runNode(node, streams);
    return this.#last;
  }

  async #runNode(node: Node, streams: Streams): Promise<number> {
    switch (node.type) {
      case "list":
        return this.#runList(node.items, streams);
      case "andOr": {
        const left = await this.#run(node.left, streams);
        const goOn = (left === 0) === (node.operator === "&&");
        return goOn ? this.#run(node.right, streams) : left;
      }
      case "not":
        return (await this.#run(node.node, streams)) === 0 ? 1 : 0;
      case "pipe":
        return this.#runPipe(node.nodes, streams);
      case "loop":
        return this.#loop(node, streams);
      case "for":
        return this.#runFor(node.name, node.words, node.body, streams);
      case "if": {
        const isTrue = (await this.#run(node.condition, streams)) === 0;
        const branch = isTrue ? node.then : node.else;
        return branch ? this.#run(branch, streams) : 0;
      }
      case "group":
        return this.#redirected(node.redirects, streams, (inner) => this.#run(node.body, inner));
      case "simple":
        return this.#redirected(node.redirects, streams, (inner) =>
          this.#simple(node.words, inner),
        );
    }
  }

  async #runList(items: { node: Node; inBackground: boolean }[], streams: Streams) {
    let code = 0;
    for (const { node, inBackground } of items) {
      if (inBackground) void this.#guarded(() => this.#run(node, { ...streams, stdin: undefined }));
      else code = await this.#run(node, streams);
    }
    return code;
  }

  async #runPipe(nodes: Node[], streams: Streams): Promise<number> {
    let { stdin } = streams;
    const parts = nodes.map((node, index) => {
      const pipe = index < nodes.length - 1 ? new PassThrough() : undefined;
      const own: Streams = {
        ...streams,
        stdin,
        stdout: pipe ? (text) => void pipe.write(text) : streams.stdout,
      };
      stdin = pipe;
      return this.#guarded(() => this.#run(node, own)).finally(() => pipe?.end());
    });
    return (await Promise.all(parts)).at(-1) ?? 0;
  }

  async #loop(node: Extract<Node, { type: "loop" }>, streams: Streams): Promise<number> {
    let code = 0;
    while (((await this.#run(node.condition, streams)) === 0) !== node.until) {
      const jump = await this.#turn(node.body, streams);
      code = jump.code;
      if (jump.isBreak) break;
    }
    return code;
  }

  async #runFor(name: string, words: string[], body: Node, streams: Streams): Promise<number> {
    const values = await this.#fields(words, streams);
    let code = 0;
    for (const value of values) {
      this.variables.set(name, value);
      const jump = await this.#turn(body, streams);
      code = jump.code;
      if (jump.isBreak) break;
    }
    return code;
  }

  async #turn(body: Node, streams: Streams): Promise<{ code: number; isBreak: boolean }> {
    const { clock, killed } = this.surroundings;
    if (++this.#turns % FREE_TURNS === 0) await sleep(clock, THROTTLE_MS, killed);
    try {
      return { code: await this.#run(body, streams), isBreak: false };
    } catch (error) {
      if (!(error instanceof LoopJump)) throw error;
      return { code: 0, isBreak: error.isBreak };
    }
  }

  async #simple(words: string[], streams: Streams): Promise<number> {
    const assignments: [string, string][] = [];
    let at = 0;
    for (; at < words.length; at++) {
      const match = ASSIGNMENT.exec(words[at]!);
      if (!match) break;
      assignments.push([match[1]!, await textOf(match[2]!, this.#context(streams))]);
    }
    const argv = await this.#fields(words.slice(at), streams);
    if (argv.length === 0) {
      for (const [name, value] of assignments) this.variables.set(name, value);
      return 0;
    }
    const before = new Map(this.variables);
    for (const [name, value] of assignments) this.variables.set(name, value);
    try {
      return await this.command(argv, streams);
    } finally {
      for (const [name] of assignments) restore(this.variables, name, before.get(name));
    }
  }

  /** Runs one command: a word of the shell itself, or a program. */
  async command(argv: string[], streams: Streams): Promise<number> {
    const name = argv[0]!.split("/").at(-1)!;
    switch (name) {
      case "exit":
        throw new Exit(Number(argv[1] ?? this.#last));
      case "break":
      case "continue":
        throw new LoopJump(name === "break");
      case "exec":
        throw new Exit(await this.command(argv.slice(1), streams));
      case "trap":
        if (argv.slice(2).some((signal) => /TERM|INT|EXIT|^15$/.test(signal))) {
          this.#trap = { script: argv[1] ?? "", streams };
        }
        return 0;
      case "eval":
        return this.script(argv.slice(1).join(" "), streams);
      case "sh":
      case "bash":
      case "ash":
        return this.#subshell(argv, streams);
      default:
        return this.#program(name, argv, streams);
    }
  }

  async #subshell(argv: string[], streams: Streams): Promise<number> {
    const env = new Map(this.variables);
    const inner = new Shell({ ...this.surroundings, env, argv, workingDir: this.cwd });
    const script = scriptOf(argv, this.surroundings);
    if (script === undefined) return inner.interactive(streams);
    return inner.exitCodeOf(() => inner.script(script, streams));
  }

  async #program(name: string, argv: string[], streams: Streams): Promise<number> {
    const command = commands[name];
    if (command !== undefined) {
      const code = await command(argv.slice(1), streams, this);
      await this.surroundings.drained();
      return code;
    }
    streams.stderr(`sh: ${argv[0]}: not found\n`);
    return COMMAND_NOT_FOUND;
  }

  #redirected(
    redirects: Redirect[],
    streams: Streams,
    act: (streams: Streams) => Promise<number>,
  ): Promise<number> {
    const textOfTarget = (word: string) => textOf(word, this.#context(streams));
    return withRedirects(redirects, streams, this, textOfTarget, act);
  }

  pathOf(path: string): string {
    return path.startsWith("/") ? path : `${this.cwd === "/" ? "" : this.cwd}/${path}`;
  }

  async #fields(words: string[], streams: Streams): Promise<string[]> {
    const fields: string[] = [];
    for (const word of words) fields.push(...(await fieldsOf(word, this.#context(streams))));
    return fields;
  }

  #context(streams: Streams) {
    return {
      variable: (name: string) => {
        if (name === "?") return `${this.#last}`;
        return name === "$" ? "1" : this.variables.get(name);
      },
      output: async (script: string) => {
        let text = "";
        const stdout = (chunk: string | Buffer) => {
          text += chunk;
        };
        await this.script(script, { ...streams, stdout });
        return text.replace(/\n+$/, "");
      },
    };
  }
}

function restore(variables: Map<string, string>, name: string, value: string | undefined): void {
  if (value === undefined) variables.delete(name);
  else variables.set(name, value);
}

/**
 * Command line flags as Kubernetes' daemons take them: `--port=8080`, `--port 8080`, `--profiling`,
 * `--profiling=false`, `-v 2`, `--cluster_dns` for `--cluster-dns`.
 *
 * A set of flags is data: each is declared once with its type, default and description, and from
 * that come parsing, the usage text, and the type of the result. An unknown flag is an error.
 *
 * In Kubernetes: github.com/spf13/pflag, staging/src/k8s.io/component-base/cli/flag
 */
import { type FlagType, type FlagValues, flagTypes } from "./flag-types.ts";

export interface FlagDeclaration<T extends FlagType = FlagType> {
  type: T;
  default: FlagValues[T];
  /** One or more sentences; a word in `backquotes` names the value, as in pflag. */
  usage: string;
  /** A single letter: "v". */
  shorthand?: string;
  /** Still works, prints this, and is not shown by --help. */
  deprecated?: string;
  /** Accepted for the sake of old unit files; says why it does nothing here. */
  noEffect?: string;
  /** With this value `noEffect` need not be said: what it asks for is what happens anyway. */
  alreadySo?: FlagValues[T];
}

export type FlagSet = Readonly<Record<string, FlagDeclaration>>;

/** The values by name, each of its flag's type. */
export type Flags<S extends FlagSet> = { [Name in keyof S]: FlagValues[S[Name]["type"]] };

export interface ParsedFlags<S extends FlagSet> {
  values: Flags<S>;
  /** The flags that were given, as opposed to left at their defaults. */
  given: ReadonlySet<keyof S & string>;
  /** What is not a flag. */
  positional: string[];
  /** Lines for standard error: deprecations. */
  notices: string[];
  /** Warnings for the log: flags that were given but do nothing. */
  warnings: string[];
}

/** A wrong command line, in pflag's words. */
export class FlagError extends Error {
  override readonly name = "FlagError";
}

/** `--help` was asked for. */
export class HelpRequested extends Error {
  override readonly name = "HelpRequested";
}

/** Declares a flag with its type kept, so that the parsed value has it too. */
export function flag<T extends FlagType>(
  type: T,
  initial: FlagValues[T],
  usage: string,
  more: Omit<FlagDeclaration<T>, "type" | "default" | "usage"> = {},
): FlagDeclaration<T> {
  return { type, default: initial, usage, ...more };
}

export function parseFlags<S extends FlagSet>(set: S, args: readonly string[]): ParsedFlags<S> {
  return new Parser(set).parse(args);
}

class Parser<S extends FlagSet> {
  readonly #set: S;
  readonly #names: Map<string, string>;
  readonly #shorthands: Map<string, string>;
  readonly #values: Record<string, unknown>;
  readonly #given = new Set<string>();
  readonly #notices: string[] = [];

  constructor(set: S) {
    const all = Object.entries<FlagDeclaration>(set);
    this.#set = set;
    this.#names = new Map(all.map(([name]) => [normalized(name), name]));
    this.#shorthands = new Map(
      all.flatMap(([name, { shorthand }]) => (shorthand ? [[shorthand, name] as const] : [])),
    );
    this.#values = Object.fromEntries(all.map(([name, { default: value }]) => [name, value]));
  }

  parse(args: readonly string[]): ParsedFlags<S> {
    const left = [...args];
    const positional: string[] = [];
    for (let arg = left.shift(); arg !== undefined; arg = left.shift()) {
      if (arg === "--") {
        positional.push(...left.splice(0));
      } else if (arg.startsWith("--")) {
        this.#long(arg, left);
      } else if (arg.startsWith("-") && arg !== "-") {
        this.#short(arg, left);
      } else {
        positional.push(arg);
      }
    }
    return {
      values: this.#values as Flags<S>,
      given: this.#given,
      positional,
      notices: this.#notices,
      warnings: this.#warnings(),
    };
  }

  #long(arg: string, left: string[]): void {
    const [, written = "", value] = /^--([^=]*)(?:=(.*))?$/s.exec(arg)!;
    if (written === "" || written.startsWith("-")) throw new FlagError(`bad flag syntax: ${arg}`);
    const name = this.#names.get(normalized(written));
    if (name === undefined) {
      if (written === "help") throw new HelpRequested();
      throw new FlagError(`unknown flag: --${normalized(written)}`);
    }
    const { type } = this.#set[name]!;
    const bare = flagTypes[type].valueWhenBare;
    if (value === undefined && bare === undefined && left.length === 0) {
      throw new FlagError(`flag needs an argument: --${normalized(written)}`);
    }
    this.#assign(name, value ?? bare ?? left.shift()!);
  }

  /** "-v=2", "-v2", "-v 2"; of several letters in one, only the last may have a value. */
  #short(arg: string, left: string[]): void {
    let letters = arg.slice(1);
    while (letters !== "") {
      const letter = letters[0]!;
      const rest = letters.slice(1);
      const name = this.#shorthands.get(letter);
      if (name === undefined) {
        if (letter === "h") throw new HelpRequested();
        throw new FlagError(`unknown shorthand flag: '${letter}' in ${arg}`);
      }
      const bare = flagTypes[this.#set[name]!.type].valueWhenBare;
      const takesRest = rest.startsWith("=") || bare === undefined;
      if (takesRest && rest === "" && left.length === 0) {
        throw new FlagError(`flag needs an argument: '${letter}' in ${arg}`);
      }
      this.#assign(name, takesRest ? valueAfterLetter(rest, left) : bare);
      letters = takesRest ? "" : rest;
    }
  }

  #assign(name: string, text: string): void {
    const { type, shorthand, deprecated } = this.#set[name]!;
    const { read, isList } = flagTypes[type];
    const before = isList && this.#given.has(name) ? this.#values[name] : undefined;
    try {
      this.#values[name] = read(text, before as never);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const label = shorthand ? `-${shorthand}, --${name}` : `--${name}`;
      const quoted = JSON.stringify(text);
      throw new FlagError(`invalid argument ${quoted} for "${label}" flag: ${error.message}`);
    }
    this.#given.add(name);
    if (deprecated) this.#notices.push(`Flag --${name} has been deprecated, ${deprecated}`);
  }

  #warnings(): string[] {
    return [...this.#given].flatMap((name) => {
      const { noEffect, alreadySo } = this.#set[name]!;
      return noEffect && this.#values[name] !== alreadySo
        ? [`--${name} has no effect here: ${noEffect}`]
        : [];
    });
  }
}

/** "=2" and "2" stand right behind the letter; otherwise the next argument is the value. */
function valueAfterLetter(rest: string, left: string[]): string {
  if (rest.startsWith("=")) return rest.slice(1);
  return rest === "" ? left.shift()! : rest;
}

/** Underscores are dashes, as in the days of --cluster_dns. */
function normalized(name: string): string {
  return name.replaceAll("_", "-");
}

/**
 * The types a flag can have: how each is read, and how it is shown in the usage text.
 *
 * In Kubernetes: github.com/spf13/pflag (bool.go, int.go, duration.go, string_slice.go, ...)
 */
import { isIP } from "node:net";
import { formatDuration, parseDuration } from "./duration.ts";

/** What a flag of each type holds. */
export interface FlagValues {
  bool: boolean;
  int: number;
  float32: number;
  string: string;
  /** Milliseconds. */
  duration: number;
  /** "a,b" and repeated. */
  strings: readonly string[];
  /** "a=b,c=d" and repeated. */
  mapStringString: Readonly<Record<string, string>>;
  /** An address or an empty string. */
  ip: string;
}

export type FlagType = keyof FlagValues;

interface TypeOfFlag<V> {
  /** As --help names it. "" for booleans, which need no value. */
  shownAs: string;
  /** Throws a RangeError in Go's words. `before`: what a list already holds. */
  read(text: string, before: V | undefined): V;
  /** The default in the usage text; undefined where it goes without saying. */
  show(value: V): string | undefined;
  valueWhenBare?: string;
  isList?: boolean;
}

export const flagTypes: { readonly [T in FlagType]: TypeOfFlag<FlagValues[T]> } = {
  bool: {
    shownAs: "",
    read: readBool,
    show: (value) => (value ? "true" : undefined),
    valueWhenBare: "true",
  },
  int: { shownAs: "int", read: readInt, show: (value) => (value ? String(value) : undefined) },
  float32: {
    shownAs: "float32",
    read: readFloat,
    show: (value) => (value ? String(value) : undefined),
  },
  string: {
    shownAs: "string",
    read: (text) => text,
    show: (value) => (value ? JSON.stringify(value) : undefined),
  },
  duration: {
    shownAs: "duration",
    read: parseDuration,
    show: (value) => (value ? formatDuration(value) : undefined),
  },
  strings: {
    shownAs: "strings",
    read: (text, before = []) => [...before, ...(text === "" ? [] : text.split(","))],
    show: (value) => (value.length > 0 ? `[${value.join(",")}]` : undefined),
    isList: true,
  },
  mapStringString: {
    shownAs: "mapStringString",
    read: readMap,
    show: (value) =>
      Object.keys(value).length > 0
        ? Object.entries(value)
            .map(([key, one]) => `${key}=${one}`)
            .join(",")
        : undefined,
    isList: true,
  },
  ip: { shownAs: "ip", read: readAddress, show: (value) => value || undefined },
};

function readBool(text: string): boolean {
  if (["1", "t", "T", "true", "TRUE", "True"].includes(text)) return true;
  if (["0", "f", "F", "false", "FALSE", "False"].includes(text)) return false;
  throw syntaxError("ParseBool", text);
}

function readInt(text: string): number {
  if (!/^[+-]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]*|[1-9][0-9]*)$/.test(text)) {
    throw syntaxError("ParseInt", text);
  }
  const digits = text.replace(/^[+-]/, "").replace(/^0([0-7])/, "0o$1");
  const value = Number(digits) * (text.startsWith("-") ? -1 : 1);
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError(`strconv.ParseInt: parsing ${JSON.stringify(text)}: value out of range`);
}

function readFloat(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) throw syntaxError("ParseFloat", text);
  return value;
}

function readMap(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const pairs = text.split(",").filter((pair) => pair !== "");
  const read = pairs.map((pair) => {
    const at = pair.indexOf("=");
    if (at < 0) throw new RangeError(`malformed pair, expect string=string`);
    return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()] as const;
  });
  return { ...before, ...Object.fromEntries(read) };
}

function readAddress(text: string): string {
  const address = text.trim();
  const isAddress = address === "" || isIP(address) !== 0;
  if (!isAddress) throw new RangeError(`failed to parse IP: ${JSON.stringify(text)}`);
  return address;
}

function syntaxError(reader: string, text: string): RangeError {
  return new RangeError(`strconv.${reader}: parsing ${JSON.stringify(text)}: invalid syntax`);
}

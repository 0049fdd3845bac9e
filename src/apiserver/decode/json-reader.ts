/**
 * Reads JSON as Go does: the same texts for what is malformed, and it notices a field that is there
 * twice. JavaScript's own JSON.parse reads what is well-formed (it is faster); this reader comes
 * after it, when there is something to explain.
 *
 * In Kubernetes: encoding/json/scanner.go of Go, and sigs.k8s.io/json.
 */

/** What Go's encoding/json says of a malformed text. */
export class JsonError extends Error {
  override readonly name = "JsonError";
}

export interface ReadJson {
  value: unknown;
  /** The keys that an object of `value` had more than once; undefined: no object had. */
  duplicates: WeakMap<object, Set<string>> | undefined;
}

const DEPTH_MAX = 10_000;

/** Throws a JsonError. `detectDuplicates` costs one more pass over the text. */
export function readJson(body: Buffer, detectDuplicates: boolean): ReadJson {
  let value: unknown;
  try {
    value = JSON.parse(wellFormed(body.toString("utf8")));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return new JsonReader(body).read();
  }
  const { keys, depth } = measure(body);
  if (depth > DEPTH_MAX) throw new JsonError("exceeded max depth");
  if (!detectDuplicates || keys === countKeys(value)) return { value, duplicates: undefined };
  return new JsonReader(body).read();
}

const SURROGATE = /\\u[dD][89a-fA-F]/;
/** Both halves of a character, one without the other, or any other escape. */
const ESCAPE =
  /\\(?:u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|(u[dD][89a-fA-F][\da-fA-F]{2})|[\s\S])/g;

/** With half a character Go writes U+FFFD: it could not be sent, nor stand in a URL. */
export function wellFormed(text: string): string {
  if (!SURROGATE.test(text)) return text;
  return text.replace(ESCAPE, (found, half) => (half === undefined ? found : "\\ufffd"));
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** How many keys a well-formed text has, and how deep it goes. */
function measure(body: Buffer): { keys: number; depth: number } {
  let keys = 0;
  let level = 0;
  let depth = 0;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at]!;
    if (byte === QUOTE) {
      for (at++; body[at] !== QUOTE; at++) if (body[at] === BACKSLASH) at++;
    } else if (byte === 0x3a) keys++;
    else if (byte === 0x7b || byte === 0x5b) depth = Math.max(depth, ++level);
    else if (byte === 0x7d || byte === 0x5d) level--;
  }
  return { keys, depth };
}

/** Iterative: the depth is the client's choice. */
function countKeys(root: unknown): number {
  let keys = 0;
  const rest = [root];
  while (rest.length > 0) {
    const value = rest.pop();
    if (typeof value !== "object" || value === null) continue;
    if (!Array.isArray(value)) keys += Object.keys(value).length;
    for (const one of Object.values(value)) if (typeof one === "object") rest.push(one);
  }
  return keys;
}

/** A list or an object that has begun and not ended. */
interface Open {
  container: unknown[] | Record<string, unknown>;
  key: string;
}

const SPACE = new Set([" ", "\t", "\r", "\n"]);
const LITERALS: Record<string, [word: string, value: unknown]> = {
  t: ["true", true],
  f: ["false", false],
  n: ["null", null],
};

class JsonReader {
  /** Bytes as characters, because Go's scanner looks at bytes. */
  readonly #text: string;
  readonly #open: Open[] = [];
  #at = 0;
  #duplicates: WeakMap<object, Set<string>> | undefined;

  constructor(body: Buffer) {
    this.#text = body.toString("latin1");
  }

  read(): ReadJson {
    let value = this.#beginValue();
    while (this.#open.length > 0) value = this.#continue(value);
    if (this.#skipSpace() !== undefined) this.#unexpected("after top-level value");
    return { value: value.done, duplicates: this.#duplicates };
  }

  /** Begins the next value. `done` is the value if it is whole already, else a container was opened. */
  #beginValue(): { done?: unknown } {
    const char = this.#skipSpace();
    if (char === "{") return this.#push({});
    if (char === "[") return this.#push([]);
    if (char === '"') return { done: this.#string() };
    if (char === "-" || isDigit(char)) return { done: this.#number() };
    if (char !== undefined && Object.hasOwn(LITERALS, char)) return { done: this.#literal(char) };
    return this.#unexpected("looking for beginning of value");
  }

  #push(container: Open["container"]): { done?: unknown } {
    if (this.#open.length >= DEPTH_MAX) throw new JsonError("exceeded max depth");
    this.#open.push({ container, key: "" });
    this.#at++;
    return {};
  }

  /** Goes on with the innermost open container, after `last` was read in it. */
  #continue(last: { done?: unknown }): { done?: unknown } {
    const open = this.#open.at(-1)!;
    const isList = Array.isArray(open.container);
    if ("done" in last) this.#add(open, last.done);
    const char = this.#skipSpace();
    if (char === (isList ? "]" : "}")) return this.#pop(open);
    if ("done" in last) {
      if (char !== ",") {
        this.#unexpected(isList ? "after array element" : "after object key:value pair");
      }
      this.#at++;
    }
    if (!isList) this.#key(open);
    return this.#beginValue();
  }

  #pop(open: Open): { done?: unknown } {
    this.#open.pop();
    this.#at++;
    return { done: open.container };
  }

  #key(open: Open): void {
    if (this.#skipSpace() !== '"') this.#unexpected("looking for beginning of object key string");
    open.key = this.#string();
    if (this.#skipSpace() !== ":") this.#unexpected("after object key");
    this.#at++;
  }

  #add({ container, key }: Open, value: unknown): void {
    if (Array.isArray(container)) {
      container.push(value);
      return;
    }
    if (Object.hasOwn(container, key)) {
      this.#duplicates ??= new WeakMap();
      const known = this.#duplicates.get(container) ?? new Set();
      this.#duplicates.set(container, known.add(key));
    }
    // Not an assignment: the key may be `__proto__`.
    const property = { value, writable: true, enumerable: true, configurable: true };
    Object.defineProperty(container, key, property);
  }

  #string(): string {
    const from = this.#at++;
    for (; this.#text[this.#at] !== '"'; this.#at++) {
      const char = this.#text[this.#at];
      if (char === undefined || char < " ") this.#unexpected("in string literal");
      if (char === "\\") this.#escape();
    }
    this.#at++;
    const bytes = Buffer.from(this.#text.slice(from, this.#at), "latin1");
    return JSON.parse(wellFormed(bytes.toString("utf8")));
  }

  #escape(): void {
    const char = this.#text[++this.#at];
    if (char === "u") {
      for (let digit = 0; digit < 4; digit++) {
        if (!/[0-9a-fA-F]/.test(this.#text[++this.#at] ?? "")) {
          this.#unexpected("in \\u hexadecimal character escape");
        }
      }
    } else if (char === undefined || !'bfnrt\\/"'.includes(char)) {
      this.#unexpected("in string escape code");
    }
  }

  #number(): number {
    const from = this.#at;
    if (this.#text[this.#at] === "-") this.#at++;
    if (this.#text[this.#at] === "0") this.#at++;
    else this.#digits("in numeric literal");
    if (this.#text[this.#at] === ".") {
      this.#at++;
      this.#digits("after decimal point in numeric literal");
    }
    if (/[eE]/.test(this.#text[this.#at] ?? "")) {
      this.#at++;
      if (/[+-]/.test(this.#text[this.#at] ?? "")) this.#at++;
      this.#digits("in exponent of numeric literal");
    }
    return Number(this.#text.slice(from, this.#at));
  }

  #digits(where: string): void {
    if (!isDigit(this.#text[this.#at])) this.#unexpected(where);
    while (isDigit(this.#text[this.#at])) this.#at++;
  }

  #literal(first: string): unknown {
    const [word, value] = LITERALS[first]!;
    for (const expected of word) {
      if (this.#text[this.#at] !== expected) {
        this.#unexpected(`in literal ${word} (expecting '${expected}')`);
      }
      this.#at++;
    }
    return value;
  }

  #skipSpace(): string | undefined {
    while (SPACE.has(this.#text[this.#at] ?? "")) this.#at++;
    return this.#text[this.#at];
  }

  #unexpected(where: string): never {
    const char = this.#text[this.#at];
    if (char === undefined) throw new JsonError("unexpected end of JSON input");
    throw new JsonError(`invalid character ${quoteCharacter(char)} ${where}`);
  }
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= "0" && char <= "9";
}

/** A character as Go's %q writes it in single quotes. */
function quoteCharacter(char: string): string {
  if (char === "'") return "'\\''";
  if (char === '"') return "'\"'";
  const code = char.charCodeAt(0);
  const named = { 7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 92: "\\" }[code];
  if (named !== undefined) return `'\\${named}'`;
  if (code < 0x20 || code === 0x7f) return `'\\x${code.toString(16).padStart(2, "0")}'`;
  if (code >= 0x80 && (code <= 0xa0 || code === 0xad)) {
    return `'\\u${code.toString(16).padStart(4, "0")}'`;
  }
  return `'${char}'`;
}

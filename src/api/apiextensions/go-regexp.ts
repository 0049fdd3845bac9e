/**
 * Regular expressions in Go's syntax (RE2), run by JavaScript's engine: what the two write differently is
 * rewritten, and what RE2 does not have (looking around, looking back) is refused as it is there.
 *
 * In Kubernetes: Go's package regexp. Differs: RE2 is linear in its text, and JavaScript's engine is not: whoever
 * matches does it by bounded-match.ts.
 */

/** Not valid. The message is Go's. */
export class GoRegExpError extends Error {
  override readonly name = "GoRegExpError";
}

const compiled = new Map<string, RegExp>();
const MOST_COMPILED = 1_000;

/** Throws a GoRegExpError. */
export function goRegExp(pattern: string): RegExp {
  let made = compiled.get(pattern);
  if (made === undefined) {
    made = compile(pattern);
    if (compiled.size >= MOST_COMPILED) compiled.delete(compiled.keys().next().value!);
    compiled.set(pattern, made);
  }
  return made;
}

/** What Go says of a pattern that it cannot read. */
export function whyNotGoRegExp(pattern: string): string | undefined {
  try {
    goRegExp(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof GoRegExpError) return error.message;
    throw error;
  }
}

function compile(pattern: string): RegExp {
  const unsupported = /(?<!\\)(?:\\\\)*(\(\?(?:[=!]|<[=!]))/.exec(pattern)?.[1];
  if (unsupported !== undefined)
    throw syntaxError("invalid or unsupported Perl syntax", unsupported);
  const backward = /(?<!\\)(?:\\\\)*(\\[1-9])/.exec(pattern)?.[1];
  if (backward !== undefined) throw syntaxError("invalid escape sequence", backward);
  let flags = "";
  let body = pattern;
  const leading = /^\(\?([imsU]+)\)/.exec(pattern);
  if (leading !== null) {
    flags = [...leading[1]!].filter((flag) => flag !== "U").join("");
    body = pattern.slice(leading[0].length);
  }
  try {
    return new RegExp(inJavaScript(body), `${flags}u`);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return withoutUnicode(inJavaScript(body), flags, pattern);
  }
}

/** Go takes escapes of characters that need none; of JavaScript's two modes only the older does. */
function withoutUnicode(body: string, flags: string, pattern: string): RegExp {
  try {
    return new RegExp(body, flags);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw wordsOf(error, pattern);
  }
}

function wordsOf({ message }: SyntaxError, pattern: string): GoRegExpError {
  if (/Unterminated group/.test(message)) return syntaxError("missing closing )", pattern);
  if (/Unmatched/.test(message)) return syntaxError("unexpected )", pattern);
  if (/character class/.test(message) && /Unterminated/.test(message)) {
    return syntaxError("missing closing ]", pattern.slice(pattern.lastIndexOf("[")));
  }
  if (/Nothing to repeat/.test(message)) {
    return syntaxError("missing argument to repetition operator", /[*+?]/.exec(pattern)?.[0] ?? "");
  }
  if (/at end of pattern/.test(message))
    return syntaxError("trailing backslash at end of expression", "");
  return syntaxError("invalid character class range", pattern);
}

function syntaxError(what: string, where: string): GoRegExpError {
  return new GoRegExpError(`error parsing regexp: ${what}: \`${where}\``);
}

const CLASSES: Record<string, string> = {
  "[:alnum:]": "0-9A-Za-z",
  "[:alpha:]": "A-Za-z",
  "[:ascii:]": "\\x00-\\x7F",
  "[:blank:]": "\\t ",
  "[:digit:]": "0-9",
  "[:lower:]": "a-z",
  "[:print:]": " -~",
  "[:punct:]": "!-\\/:-@\\[-`\\{-~",
  "[:space:]": "\\t\\n\\v\\f\\r ",
  "[:upper:]": "A-Z",
  "[:word:]": "0-9A-Za-z_",
  "[:xdigit:]": "0-9A-Fa-f",
};

function inJavaScript(pattern: string): string {
  return pattern
    .replace(/\[:\w+:\]/g, (name) => CLASSES[name] ?? name)
    .replace(/\(\?P</g, "(?<")
    .replace(/\\A/g, "(?<![\\s\\S])")
    .replace(/\\z/g, "(?![\\s\\S])")
    .replace(/\\([pP])([A-Z])(?![a-z{])/g, "\\$1{$2}");
}

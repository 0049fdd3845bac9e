/**
 * Reads a shell script into a tree: lists, pipelines, loops, conditions. As much of the language as
 * manifests and lessons use; what it does not know it refuses by name.
 */
export type Node =
  | { type: "list"; items: { node: Node; inBackground: boolean }[] }
  | { type: "andOr"; left: Node; operator: "&&" | "||"; right: Node }
  | { type: "not"; node: Node }
  | { type: "pipe"; nodes: Node[] }
  | { type: "loop"; until: boolean; condition: Node; body: Node }
  | { type: "for"; name: string; words: string[]; body: Node }
  | { type: "if"; condition: Node; then: Node; else: Node | undefined }
  | { type: "group"; body: Node; redirects: Redirect[] }
  | { type: "simple"; words: string[]; redirects: Redirect[] };

export interface Redirect {
  fd: number;
  operator: ">" | ">>" | "<" | ">&";
  target: string;
}

type Token = { type: "word" | "operator"; text: string };

export class ShellSyntaxError extends Error {
  override readonly name = "ShellSyntaxError";
}

const OPERATOR = /^(?:&&|\|\||;;|>>|\d*>&|&>|[;&|()<>\n]|\d+>>?)/;
const CLOSERS = new Set(["do", "done", "then", "elif", "else", "fi", "}", ")"]);

export function parseScript(script: string): Node {
  const parser = new Parser(tokensOf(script));
  const list = parser.list();
  parser.expectEnd();
  return list;
}

function tokensOf(script: string): Token[] {
  const tokens: Token[] = [];
  let rest = script.replace(/\\\n/g, "");
  while (rest !== "") {
    const blank = /^(?:[ \t\r]+|#[^\n]*)/.exec(rest);
    const operator = blank ? null : OPERATOR.exec(rest);
    const text = blank?.[0] ?? operator?.[0] ?? wordAt(rest);
    if (!blank) tokens.push({ type: operator ? "operator" : "word", text });
    rest = rest.slice(text.length);
  }
  return tokens;
}

/** The word `text` begins with, its quotes and substitutions whole. */
function wordAt(text: string): string {
  let at = 0;
  while (at < text.length && !/[\s;&|()<>]/.test(text[at]!)) at += pieceLength(text.slice(at));
  if (at === 0) throw new ShellSyntaxError(`syntax error: unexpected "${text[0]}"`);
  return text.slice(0, at);
}

function pieceLength(text: string): number {
  if (text.startsWith("\\")) return Math.min(2, text.length);
  if (text.startsWith("'")) return closed(text.indexOf("'", 1), "'") + 1;
  if (text.startsWith('"')) return closed(endOfQuote(text), '"') + 1;
  if (text.startsWith("`")) return closed(text.indexOf("`", 1), "`") + 1;
  if (text.startsWith("$(")) return closed(endOfParentheses(text), ")") + 1;
  if (text.startsWith("${")) return closed(text.indexOf("}"), "}") + 1;
  return 1;
}

function closed(end: number, by: string): number {
  if (end < 0) throw new ShellSyntaxError(`syntax error: unterminated, expected ${by}`);
  return end;
}

function endOfQuote(text: string): number {
  for (let at = 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at;
    else if (text.startsWith("$(", at)) at += closed(endOfParentheses(text.slice(at)), ")");
  }
  return -1;
}

/** Where the parenthesis opened at 1 is closed. */
export function endOfParentheses(text: string): number {
  let depth = 0;
  for (let at = 1; at < text.length; at++) {
    if (text[at] === "'") at = closed(text.indexOf("'", at + 1), "'");
    else if (text[at] === "(") depth++;
    else if (text[at] === ")" && --depth === 0) return at;
  }
  return -1;
}

class Parser {
  readonly #tokens: Token[];
  #at = 0;

  constructor(tokens: Token[]) {
    this.#tokens = tokens;
  }

  list(): Node {
    const items: { node: Node; inBackground: boolean }[] = [];
    for (;;) {
      while (this.#isOperator(";") || this.#isOperator("\n")) this.#at++;
      const token = this.#tokens[this.#at];
      if (token === undefined || CLOSERS.has(token.text)) break;
      const node = this.#andOr();
      const inBackground = this.#isOperator("&");
      if (inBackground) this.#at++;
      items.push({ node, inBackground });
    }
    return { type: "list", items };
  }

  expectEnd(): void {
    const token = this.#tokens[this.#at];
    if (token) throw new ShellSyntaxError(`syntax error: unexpected "${token.text}"`);
  }

  #andOr(): Node {
    let left = this.#pipeline();
    for (;;) {
      const operator = this.#tokens[this.#at]?.text;
      if (operator !== "&&" && operator !== "||") return left;
      this.#at++;
      this.#skipLines();
      left = { type: "andOr", left, operator, right: this.#pipeline() };
    }
  }

  #pipeline(): Node {
    if (this.#isWord("!")) {
      this.#at++;
      return { type: "not", node: this.#pipeline() };
    }
    const nodes = [this.#command()];
    while (this.#isOperator("|")) {
      this.#at++;
      this.#skipLines();
      nodes.push(this.#command());
    }
    return nodes.length === 1 ? nodes[0]! : { type: "pipe", nodes };
  }

  #command(): Node {
    const token = this.#tokens[this.#at];
    if (token?.text === "(" || token?.text === "{") return this.#group(token.text);
    if (token?.text === "while" || token?.text === "until") return this.#loop(token.text);
    if (token?.text === "for") return this.#for();
    if (token?.text === "if") return this.#if();
    if (token?.text === "case" || token?.text === "function") {
      throw new ShellSyntaxError(`"${token.text}" is not known to the simulated shell`);
    }
    return this.#simple();
  }

  #group(opening: string): Node {
    this.#at++;
    const body = this.list();
    this.#expect(opening === "(" ? ")" : "}");
    return { type: "group", body, redirects: this.#redirects() };
  }

  #loop(word: string): Node {
    this.#at++;
    const condition = this.list();
    this.#expect("do");
    const body = this.list();
    this.#expect("done");
    return this.#redirected({ type: "loop", until: word === "until", condition, body });
  }

  #for(): Node {
    this.#at++;
    const name = this.#tokens[this.#at++]?.text ?? "";
    const words: string[] = [];
    this.#expect("in");
    while (this.#tokens[this.#at]?.type === "word") words.push(this.#tokens[this.#at++]!.text);
    while (this.#isOperator(";") || this.#isOperator("\n")) this.#at++;
    this.#expect("do");
    const body = this.list();
    this.#expect("done");
    return this.#redirected({ type: "for", name, words, body });
  }

  #if(): Node {
    this.#at++;
    const condition = this.list();
    this.#expect("then");
    const then = this.list();
    if (this.#isWord("elif")) return { type: "if", condition, then, else: this.#if() };
    let otherwise: Node | undefined;
    if (this.#isWord("else")) {
      this.#at++;
      otherwise = this.list();
    }
    this.#expect("fi");
    return { type: "if", condition, then, else: otherwise };
  }

  #simple(): Node {
    const words: string[] = [];
    const redirects: Redirect[] = [];
    for (;;) {
      const found = this.#redirects();
      redirects.push(...found);
      const token = this.#tokens[this.#at];
      if (token?.type !== "word") break;
      words.push(token.text);
      this.#at++;
    }
    if (words.length + redirects.length > 0) return { type: "simple", words, redirects };
    const text = this.#tokens[this.#at]?.text ?? "end of file";
    throw new ShellSyntaxError(`syntax error: unexpected "${text}"`);
  }

  #redirected(body: Node): Node {
    const redirects = this.#redirects();
    return redirects.length === 0 ? body : { type: "group", body, redirects };
  }

  #redirects(): Redirect[] {
    const redirects: Redirect[] = [];
    for (;;) {
      const match = /^(\d*)(>>|>&|>|<)$|^(&)>$/.exec(this.#tokens[this.#at]?.text ?? "");
      if (!match || this.#tokens[this.#at]?.type !== "operator") return redirects;
      this.#at++;
      const target = this.#tokens[this.#at++]?.text;
      if (target === undefined) throw new ShellSyntaxError("syntax error: unexpected newline");
      const operator = (match[2] ?? ">") as Redirect["operator"];
      const fd = match[1] ? Number(match[1]) : operator === "<" ? 0 : 1;
      redirects.push({ fd, operator, target });
      if (match[3]) redirects.push({ fd: 2, operator: ">&", target: "1" });
    }
  }

  #expect(text: string): void {
    const token = this.#tokens[this.#at];
    if (token?.text !== text) {
      throw new ShellSyntaxError(
        `syntax error: unexpected "${token?.text ?? "end of file"}" (expecting "${text}")`,
      );
    }
    this.#at++;
  }

  #skipLines(): void {
    while (this.#isOperator("\n")) this.#at++;
  }

  #isOperator(text: string): boolean {
    const token = this.#tokens[this.#at];
    return token?.type === "operator" && token.text === text;
  }

  #isWord(text: string): boolean {
    const token = this.#tokens[this.#at];
    return token?.type === "word" && token.text === text;
  }
}

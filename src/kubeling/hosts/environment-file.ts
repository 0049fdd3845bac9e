/**
 * A file of variables as systemd reads it (EnvironmentFile=): NAME=value lines, with quotes and
 * backslashes, but no shell.
 *
 * The trap of the format: only a line that begins with # or ; is a comment. Behind a value, the
 * "comment" becomes part of the value, even after a closing quote.
 *
 * In Kubernetes: not there; systemd's src/basic/env-file.c (parse_env_file_internal).
 */

export type Variables = Readonly<Record<string, string>>;

type State = "beforeName" | "name" | "beforeValue" | "value" | "single" | "double" | "comment";

const BLANK = " \t";
const LINE_END = "\n\r";
/** What a backslash takes the meaning of within double quotes. */
const SPECIAL_IN_QUOTES = '"\\`$';
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Later lines win. Names that no variable can have are left out. */
export function parseEnvironmentFile(text: string): Variables {
  return new Parser().parse(text.replace(/^\uFEFF/, ""));
}

class Parser {
  readonly #variables: Record<string, string> = {};
  #state: State = "beforeName";
  #name = "";
  #value = "";
  /** How long the value is without the blanks at its end; blanks that were escaped count. */
  #kept = 0;

  parse(text: string): Variables {
    const characters = [...text];
    for (let i = 0; i < characters.length; i++) {
      const isEscape = characters[i] === "\\" && this.#state !== "single";
      const next = characters[i + 1];
      if (isEscape && this.#takesEscapes()) {
        if (next !== undefined) this.#escaped(next);
        i++;
      } else this.#take(characters[i]!);
    }
    if (this.#state !== "beforeName" && this.#state !== "name") this.#endLine();
    return this.#variables;
  }

  #takesEscapes(): boolean {
    return ["beforeValue", "value", "double"].includes(this.#state);
  }

  #escaped(character: string): void {
    if (this.#state === "double") {
      const keepsBackslash = !SPECIAL_IN_QUOTES.includes(character) && character !== "\n";
      if (keepsBackslash) this.#append("\\");
    } else this.#state = "value";
    if (!LINE_END.includes(character)) this.#append(character);
  }

  #take(character: string): void {
    switch (this.#state) {
      case "beforeName":
        if ("#;".includes(character)) this.#state = "comment";
        else if (!(BLANK + LINE_END).includes(character)) this.#begin(character);
        return;
      case "comment":
        if (LINE_END.includes(character)) this.#state = "beforeName";
        return;
      case "name":
        if (LINE_END.includes(character)) this.#state = "beforeName";
        else if (character === "=") this.#state = "beforeValue";
        else this.#name += character;
        return;
      case "beforeValue":
      case "value":
        this.#takeUnquoted(character);
        return;
      case "single":
      case "double":
        if (character === (this.#state === "single" ? "'" : '"')) this.#state = "beforeValue";
        else this.#append(character);
    }
  }

  #begin(character: string): void {
    this.#state = "name";
    this.#name = character;
    this.#value = "";
    this.#kept = 0;
  }

  #takeUnquoted(character: string): void {
    if (LINE_END.includes(character)) this.#endLine();
    else if (this.#state === "beforeValue" && character === "'") this.#state = "single";
    else if (this.#state === "beforeValue" && character === '"') this.#state = "double";
    else if (!BLANK.includes(character)) {
      this.#state = "value";
      this.#append(character);
    } else if (this.#state === "value") this.#value += character;
  }

  #append(character: string): void {
    this.#value += character;
    this.#kept = this.#value.length;
  }

  #endLine(): void {
    const name = this.#name.trimEnd();
    if (this.#state !== "comment" && NAME.test(name)) {
      this.#variables[name] = this.#value.slice(0, this.#kept);
    }
    this.#state = "beforeName";
  }
}

/**
 * Objects as Go's decoder reads them: the case of a key does not matter, the last of several wins,
 * and what is not known is passed over. People write "network" and "Network" alike.
 *
 * In Kubernetes: Go's encoding/json
 */
export class JsonFields {
  readonly #fields: ReadonlyMap<string, unknown>;
  /** "Config": begins the errors. */
  readonly #name: string;

  constructor(name: string, value: unknown) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new RangeError(`json: cannot unmarshal ${kindOf(value)} into Go value of type ${name}`);
    }
    this.#name = name;
    this.#fields = new Map(Object.entries(value).map(([key, field]) => [key.toLowerCase(), field]));
  }

  /** Throws a RangeError with a sentence for the person who wrote the text. */
  static parse(name: string, text: string): JsonFields {
    try {
      return new JsonFields(name, JSON.parse(text));
    } catch (error) {
      if (error instanceof SyntaxError) throw new RangeError(`not JSON: ${error.message}`);
      throw error;
    }
  }

  /** Undefined where it is absent or null. */
  get(key: string): unknown {
    return this.#fields.get(key.toLowerCase()) ?? undefined;
  }

  text(key: string): string | undefined {
    return this.#typed(key, "string", (value) => typeof value === "string") as string | undefined;
  }

  /** A whole number that is not negative. */
  count(key: string): number | undefined {
    const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
    return this.#typed(key, "uint", isCount) as number | undefined;
  }

  flag(key: string): boolean | undefined {
    return this.#typed(key, "bool", (value) => typeof value === "boolean") as boolean | undefined;
  }

  #typed(key: string, type: string, isOf: (value: unknown) => boolean): unknown {
    const value = this.get(key);
    if (value === undefined || isOf(value)) return value;
    const field = `${this.#name}.${key}`;
    throw new RangeError(
      `json: cannot unmarshal ${kindOf(value)} into Go struct field ${field} of type ${type}`,
    );
  }
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number" && !(Number.isSafeInteger(value) && value >= 0)) {
    return `number ${value}`;
  }
  return typeof value === "boolean" ? "bool" : typeof value;
}

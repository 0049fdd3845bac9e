/**
 * Derives the field schemas of the Kubernetes API from the installed package `kubernetes-types` and
 * writes them to dist/schemas/: schemas.json (names and types: what a start loads) and
 * descriptions.json (documentation: what only OpenAPI loads). src/api/schema.ts reads both.
 *
 * The package's .d.ts files are generated and regular - interfaces of fields, one to a line - so
 * that a reader of lines is enough. Whatever it does not understand ends the build.
 *
 * A field is one short string: `string`, `integer/int32`, `[]T` (list), `{}T` (map from string), or
 * the name of a type. In Kubernetes: staging/src/k8s.io/kube-openapi (openapi-gen).
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import * as facts from "./schema-facts.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** The package's folder, wherever it is installed. */
export function packageDirectory() {
  const require = createRequire(import.meta.url);
  return dirname(require.resolve("kubernetes-types/package.json"));
}

export function buildSchemas(directory = join(root, "dist", "schemas")) {
  const types = {};
  const descriptions = {};
  const source = packageDirectory();
  for (const file of readdirSync(source, { recursive: true, encoding: "utf8" }).sort()) {
    if (!file.endsWith(".d.ts")) continue;
    const module = file.replaceAll("\\", "/").slice(0, -".d.ts".length);
    new ModuleReader(module, readFileSync(join(source, file), "utf8")).read(types, descriptions);
  }
  for (const [name, type] of Object.entries(facts.SPECIAL_TYPES)) types[name] = { type };
  for (const [name, fields] of Object.entries(facts.MISSING_FIELDS)) {
    Object.assign(types[name].properties, fields);
  }
  for (const [name, { description, ...type }] of Object.entries(facts.MISSING_TYPES)) {
    types[name] = type;
    descriptions[name] = { description, properties: {} };
  }
  checkReferences(types);
  mkdirSync(directory, { recursive: true });
  write(join(directory, "descriptions.json"), descriptions);
  write(join(directory, "schemas.json"), types);
  return { types: Object.keys(types).length };
}

/** Whole or not at all, so that a reader never meets half a file. */
function write(path, value) {
  writeFileSync(`${path}.${process.pid}`, JSON.stringify(value));
  renameSync(`${path}.${process.pid}`, path);
}

function checkReferences(types) {
  for (const [name, type] of Object.entries(types)) {
    for (const [field, spelled] of Object.entries(type.properties ?? {})) {
      const element = spelled.replace(/^(\[\]|\{\})+/, "");
      if (element.includes(".") && !types[element]) {
        throw new Error(`${name}.${field}: there is no type ${element}`);
      }
    }
  }
}

/** `apps/v1` -> `io.k8s.api.apps.v1`. */
function prefixOf(module) {
  return facts.PREFIXES[module] ?? `io.k8s.api.${module.replace("/", ".")}`;
}

class ModuleReader {
  #module;
  #lines;
  #at = 0;
  #imports = {};

  constructor(module, text) {
    this.#module = module;
    this.#lines = text.split("\n");
  }

  read(types, descriptions) {
    let comment = "";
    for (; this.#at < this.#lines.length; this.#at++) {
      const line = this.#lines[this.#at];
      const imported = /^import \{ (.*) \} from "(.*)";$/.exec(line);
      const declared = /^export (?:interface|type) (\w+)/.exec(line);
      if (line.startsWith("/**")) comment = this.#comment();
      else if (imported) this.#import(imported[1].split(", "), imported[2]);
      else if (declared) {
        const name = `${prefixOf(this.#module)}.${declared[1]}`;
        const described = { description: comment, properties: {} };
        types[name] = line.endsWith("{") ? this.#interface(declared[1], described) : {};
        descriptions[name] = described;
        comment = "";
      } else if (line !== "") throw new Error(`${this.#module}: not understood: ${line}`);
    }
  }

  #import(names, from) {
    const prefix = prefixOf(posix.join(posix.dirname(this.#module), from));
    for (const name of names) this.#imports[name] = `${prefix}.${name}`;
  }

  #interface(typeName, described) {
    const type = { properties: {} };
    const required = [];
    const literal = {};
    let comment = "";
    for (this.#at++; this.#lines[this.#at] !== "}"; this.#at++) {
      const line = this.#lines[this.#at];
      if (line.trim().startsWith("/**")) {
        comment = this.#comment();
        continue;
      }
      const match = /^ {4}(?:readonly )?"?([\w$-]+)"?(\?)?: (.*)$/.exec(line);
      if (!match) throw new Error(`${this.#module}: ${typeName}: not understood: ${line}`);
      const [, field, optional, spelled] = match;
      if (/^"/.test(spelled)) literal[field] = spelled.slice(1, -2);
      type.properties[field] = this.#type(typeName, field, spelled);
      if (!optional) required.push(field);
      if (comment) described.properties[field] = comment;
      comment = "";
    }
    if (required.length > 0) type.required = required;
    if (literal.kind && literal.apiVersion) type.gvk = [literal.apiVersion, literal.kind];
    return type;
  }

  #type(typeName, field, spelled) {
    if (spelled === "{") {
      const [, value] = /^ {8}\[name: string\]: (.*)$/.exec(this.#lines[++this.#at]);
      this.#at++; // the closing brace
      return `{}${this.#type(typeName, field, value)}`;
    }
    const name = spelled.replace(/;$/, "");
    const list = /^Array<(.*)>$/.exec(name);
    if (list) return `[]${this.#type(typeName, field, list[1])}`;
    const key = `${typeName}.${field}`;
    if (name === "string") return facts.BYTES.has(key) ? "string/byte" : "string";
    if (name.startsWith('"')) return "string";
    if (name === "boolean") return "boolean";
    if (name === "number") return facts.NUMBERS[key] ?? facts.NUMBERS[field] ?? "integer/int32";
    if (name === "number | string") return facts.INT_OR_STRING;
    if (name === "JSON") return facts.ANY_JSON;
    if (!/^\w+$/.test(name)) throw new Error(`${key}: not understood: ${spelled}`);
    return this.#imports[name] ?? `${prefixOf(this.#module)}.${name}`;
  }

  /** The text of the comment that begins on this line; leaves the reader on its last line. */
  #comment() {
    const lines = [];
    for (; ; this.#at++) {
      const line = this.#lines[this.#at];
      lines.push(line.replace(/^\s*\/?\*+ ?/, "").replace(/\s*\*\/$/, ""));
      if (line.includes("*/")) return lines.join("\n").replace(/\/$/, "").trim();
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { types } = buildSchemas();
  process.stdout.write(`${types} schemas written to dist/schemas\n`);
}

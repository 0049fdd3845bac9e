/**
 * Reads YAML 1.1 as sigs.k8s.io/yaml does: `yes` is true, 0644 is 420, `<<` merges, a date stays a
 * string, only the first document counts, and every key becomes a string.
 *
 * In Kubernetes: sigs.k8s.io/yaml and its fork of go-yaml v2. Differs: which line go-yaml blames,
 * and which of its sentences it says, is told as well as the library's error codes allow.
 */

import { createRequire } from "node:module";
import type {
  Document,
  ErrorCode,
  LineCounter,
  ScalarTag,
  Tags,
  YAMLMap,
  YAMLParseError,
} from "yaml";
import { wellFormed } from "./json-reader.ts";

/** Loaded with the first YAML that comes: most clients send none, and every start would pay for it. */
const library = (): typeof import("yaml") => createRequire(import.meta.url)("yaml");

export class YamlError extends Error {
  override readonly name = "YamlError";
}

export interface ReadYaml {
  value: unknown;
  /** What go-yaml's strict mode says of keys that are there twice; undefined: none is. */
  duplicateKeys: string | undefined;
}

/** Not part of go-yaml: dates, sexagesimal numbers, ordered maps and sets. */
const FOREIGN = /:(timestamp|omap|pairs|set|binary)$/;

/** Bytes become the characters they stand for, as go-yaml puts them into a string. */
const binary: ScalarTag = {
  tag: "tag:yaml.org,2002:binary",
  resolve: (text) => Buffer.from(text, "base64").toString("utf8"),
};

export function readYaml(body: Buffer): ReadYaml {
  const yaml = library();
  const lines = new yaml.LineCounter();
  const [document] = yaml.parseAllDocuments(wellFormed(body.toString("utf8")), {
    version: "1.1",
    lineCounter: lines,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
    customTags: (tags: Tags) => [binary, ...tags.filter(isKnown)],
  }) as Document.Parsed[];
  if (!document) return { value: null, duplicateKeys: undefined };
  const [error] = document.errors;
  if (error) throw new YamlError(`yaml: ${wordingOf(error, lines)}`);
  return { value: toValue(document), duplicateKeys: duplicateKeysOf(document, lines) };
}

function isKnown(tag: unknown): boolean {
  const { tag: name, format } = tag as ScalarTag;
  return !FOREIGN.test(name) && format !== "TIME";
}

function toValue(document: Document.Parsed): unknown {
  try {
    return document.toJS({ mapAsMap: false, maxAliasCount: 100 });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    const unknown = /Unresolved alias .*: (.*)$/.exec(error.message);
    throw new YamlError(
      unknown
        ? `yaml: unknown anchor '${unknown[1]}' referenced`
        : "yaml: document contains excessive aliasing",
    );
  }
}

/** go-yaml lists them all, each with its line. */
function duplicateKeysOf(document: Document.Parsed, lines: LineCounter): string | undefined {
  const found: string[] = [];
  library().visit(document, { Map: (_, map) => void found.push(...duplicatesIn(map, lines)) });
  return found.length === 0 ? undefined : `yaml: unmarshal errors:\n${found.join("\n")}`;
}

function duplicatesIn(map: YAMLMap, lines: LineCounter): string[] {
  const found: string[] = [];
  const seen = new Set<unknown>();
  for (const { key } of map.items) {
    if (!library().isScalar(key) || key.value === "<<") continue;
    if (seen.has(key.value)) {
      const { line } = lines.linePos(key.range![0]);
      found.push(`  line ${line}: key ${JSON.stringify(key.value)} already set in map`);
    }
    seen.add(key.value);
  }
  return found;
}

const SENTENCES: Partial<Record<ErrorCode, string>> = {
  BLOCK_AS_IMPLICIT_KEY: "mapping values are not allowed in this context",
  TAB_AS_INDENT: "found character that cannot start any token",
  BAD_SCALAR_START: "found character that cannot start any token",
  BAD_ALIAS: "did not find expected alphabetic or numeric character",
  BAD_DQ_ESCAPE: "found unknown escape character",
  MULTILINE_IMPLICIT_KEY: "could not find expected ':'",
  UNEXPECTED_TOKEN: "did not find expected node content",
};

function wordingOf(error: YAMLParseError, lines: LineCounter): string {
  const { line } = lines.linePos(error.pos[0]);
  return `line ${line}: ${SENTENCES[error.code] ?? sentenceFor(error)}`;
}

/** MISSING_CHAR says many things, and go-yaml words each differently. */
function sentenceFor(error: YAMLParseError): string {
  if (error.code !== "MISSING_CHAR") return "did not find expected key";
  if (/quote/.test(error.message)) return "found unexpected end of stream";
  if (/end with \]/.test(error.message)) return "did not find expected ',' or ']'";
  if (/end with \}/.test(error.message)) return "did not find expected ',' or '}'";
  if (/map values/.test(error.message)) return "could not find expected ':'";
  return "did not find expected key";
}

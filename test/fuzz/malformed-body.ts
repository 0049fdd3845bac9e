/** Bodies: examples of a kind with something wrong in them, in every form the server reads. */
import protobuf from "protobufjs/minimal.js";
import { apiVersionOf, type Kind, type KubeObject } from "../../src/api/kind.ts";
import type { Dice } from "./dice.ts";
import { mutated, mutatedBytes, mutatedText } from "./mutation.ts";
import { ODD_STRINGS, oddValue } from "./odd-values.ts";

interface Body {
  body: Buffer | undefined;
  contentType: string;
}

const NO_BODY: Body = { body: undefined, contentType: "" };
const PATCH_TYPES = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
  "application/apply-patch+yaml",
  "application/apply-patch+json",
];
const OTHER_TYPES = [
  ...["", "text/plain", "application/xml", ";", "application/json; charset=x", "APPLICATION/JSON"],
  ...["application/cbor", "multipart/form-data", "application/x-www-form-urlencoded"],
];
const TOO_LARGE = Buffer.alloc(3 * 1024 * 1024 + 1, " ");

export function exampleOf(kind: Kind, name: string): KubeObject {
  const { example } = kind;
  const said = { apiVersion: apiVersionOf(kind), kind: kind.kind };
  return { ...example, ...said, metadata: { ...example.metadata, name } };
}

/** Few, so that objects are found, and changed many times. */
export const nameFor = (dice: Dice): string => `fuzz-${dice.below(6)}`;

export function malformedBody(dice: Dice, kind: Kind, method: string): Body {
  if (dice.oneIn(2_000)) return { body: TOO_LARGE, contentType: "application/json" };
  if (method === "PATCH") return patchBody(dice, kind);
  if (method === "DELETE") return dice.oneIn(3) ? deleteOptions(dice) : NO_BODY;
  const isRead = method !== "POST" && method !== "PUT";
  if (isRead && !dice.oneIn(20)) return NO_BODY;
  if (dice.oneIn(12)) return protobufBody(dice, kind);
  const object = mutated(exampleOf(kind, nameFor(dice)), dice, dice.pick([0, 1, 1, 1, 2, 3, 8]));
  return textBody(dice, object, dice.oneIn(8) ? "application/yaml" : "application/json");
}

function textBody(dice: Dice, value: unknown, type: string): Body {
  const text = JSON.stringify(value);
  const sent = dice.oneIn(6) ? mutatedText(text, dice) : text;
  const contentType = dice.oneIn(25) ? dice.pick([...OTHER_TYPES, ...PATCH_TYPES]) : type;
  const body = dice.oneIn(60) ? mutatedBytes(Buffer.from(sent), dice) : Buffer.from(sent);
  return { body: type === "application/yaml" && dice.oneIn(4) ? yamlOf(dice) : body, contentType };
}

const YAML_TEXTS = [
  "a: &a [*a]",
  "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: [*c,*c]",
  "? {a: b}\n: c",
  "---\n---\n",
  "!!binary aGVsbG8=",
  "kind: Pod\nkind: Pod",
  "\t- bad",
  "- 1\n- 2",
  "2014-06-06",
  "<<: {__proto__: {a: 1}}",
  "a: ".repeat(500),
  "%YAML 9.9\n---\na",
];
const yamlOf = (dice: Dice) => Buffer.from(dice.pick(YAML_TEXTS));

function deleteOptions(dice: Dice): Body {
  const options = {
    apiVersion: "v1",
    kind: "DeleteOptions",
    gracePeriodSeconds: 0,
    propagationPolicy: "Background",
    preconditions: { uid: "x", resourceVersion: "1" },
  };
  return textBody(dice, mutated(options, dice, 1 + dice.below(3)), "application/json");
}

function patchBody(dice: Dice, kind: Kind): Body {
  const type = dice.pick(PATCH_TYPES);
  if (type === PATCH_TYPES[0]) return textBody(dice, jsonPatch(dice), type);
  const object = mutated(exampleOf(kind, nameFor(dice)), dice, dice.below(4));
  return textBody(dice, object, type);
}

const POINTERS = [
  ...[
    "/metadata/labels",
    "/metadata/name",
    "/spec",
    "/spec/replicas",
    "",
    "/",
    "a",
    "/metadata/~2",
  ],
  ...["/spec/containers/-", "/spec/containers/99", "/spec/containers/-1", "/__proto__/polluted"],
  ...["/constructor/prototype/polluted", "/metadata/labels/a~1b", "/metadata", "/kind"],
];
const OPERATIONS = ["add", "remove", "replace", "move", "copy", "test", "odd"];

function jsonPatch(dice: Dice): unknown {
  if (dice.oneIn(15)) return oddValue(dice);
  return Array.from({ length: dice.pick([0, 1, 1, 2, 5]) }, () => {
    if (dice.oneIn(15)) return oddValue(dice);
    const operation = { op: dice.pick(OPERATIONS), path: dice.pick(POINTERS) };
    return { ...operation, from: dice.pick(POINTERS), value: oddValue(dice) };
  });
}

/** The envelope is right, what is in it is not: fields of any number with any content. */
function protobufBody(dice: Dice, kind: Kind): Body {
  const typeMeta = protobuf.Writer.create();
  typeMeta.uint32(10).string(apiVersionOf(kind)).uint32(18).string(kind.kind);
  const unknown = protobuf.Writer.create();
  unknown.uint32(10).bytes(typeMeta.finish()).uint32(18).bytes(message(dice, 0));
  const whole = Buffer.concat([Buffer.from("k8s\0"), unknown.finish()]);
  const body = dice.oneIn(3) ? mutatedBytes(whole, dice) : whole;
  return { body, contentType: "application/vnd.kubernetes.protobuf" };
}

function message(dice: Dice, depth: number): Uint8Array {
  const writer = protobuf.Writer.create();
  for (let i = dice.below(5); i > 0; i--) {
    const number = 1 + dice.below(dice.oneIn(5) ? 500_000 : 12);
    const inner = depth > 5 || dice.oneIn(2);
    if (dice.oneIn(4)) writer.uint32((number << 3) | 0).uint32(dice.below(2 ** 31));
    else if (inner) writer.uint32((number << 3) | 2).string(dice.pick(ODD_STRINGS));
    else writer.uint32((number << 3) | 2).bytes(message(dice, depth + 1));
  }
  return writer.finish();
}

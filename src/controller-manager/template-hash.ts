/**
 * The hash of a pod template: the short word at the end of the name of a ReplicaSet or a
 * ControllerRevision, by which the pods of two versions are told apart. 32 bits can collide; then a
 * count goes into the hash as well.
 *
 * In Kubernetes: pkg/controller/controller_utils.go (ComputeHash), pkg/util/hash. Differs: it hashes
 * the template as JSON, not as Go prints its struct, so the words are others for the same template.
 */
import type { PodTemplate } from "../api/replication-controller.ts";

export const TEMPLATE_HASH_LABEL = "pod-template-hash";

/** No vowels and no look-alikes (k8s.io/apimachinery/pkg/util/rand, SafeEncodeString). */
const LETTERS = "bcdfghjklmnpqrstvwxz2456789";
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

export function templateHash(template: object, collisionCount = 0): string {
  return safeWord(hashText(JSON.stringify(template, inOrder), collisionCount));
}

/** 32-bit FNV-1a of a text and, where there is one, of a count of collisions in eight bytes. */
export function hashText(text: string, collisionCount = 0): number {
  const hash = fnv1a(Buffer.from(text), FNV_OFFSET);
  if (collisionCount === 0) return hash;
  const count = Buffer.alloc(8);
  count.writeUInt32LE(collisionCount);
  return fnv1a(count, hash);
}

/** The digits of a number as letters that can stand in a name and make no word. */
export function safeWord(hash: number): string {
  return [...Buffer.from(String(hash))].map((byte) => LETTERS[byte % LETTERS.length]).join("");
}

/** Whether both make the same pods; the hash in their labels is no difference. */
export function isSameTemplate(a: PodTemplate, b: PodTemplate): boolean {
  return textOfTemplate(a) === textOfTemplate(b);
}

function textOfTemplate({ metadata = {}, spec }: PodTemplate): string {
  const { [TEMPLATE_HASH_LABEL]: _, ...labels } = metadata.labels ?? {};
  return JSON.stringify({ metadata: { ...metadata, labels }, spec }, inOrder);
}

/** Fields by name, and none that says nothing: to Go an empty list and no list are the same. */
function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const fields = Object.entries(value).filter(([, one]) => !isNothing(one));
  return Object.fromEntries(fields.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function isNothing(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length === 0;
  return value === null || value === undefined || value === "";
}

function fnv1a(bytes: Buffer, start: number): number {
  let hash = start;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, FNV_PRIME) >>> 0;
  return hash >>> 0;
}

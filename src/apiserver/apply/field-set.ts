/**
 * A set of fields, as managedFields writes it down (FieldsV1): a tree whose edges are the steps of paths,
 *
 *   f:<name>  a field or a key of a map        v:<json>  an element of a set
 *   k:<json>  an element of a list, by its keys
 *
 * and in which a node is itself in the set if it has a "." or has nothing below it. The tree is the very
 * JSON that is stored, so a set costs nothing to read, and one is never changed once it is made:
 * operations share what they leave as it is, and return their operand itself where they change nothing.
 *
 * In Kubernetes: sigs.k8s.io/structured-merge-diff/fieldpath/set.go
 */

/** The root of a set is no field, so the empty set is a root with nothing below it. */
export interface FieldSet {
  readonly [step: string]: FieldSet;
}

/** A field that is in a set with nothing below it. */
export const LEAF: FieldSet = Object.freeze({});
export const NO_FIELDS: FieldSet = LEAF;
const SELF = ".";

/** Whether the node of a field (not a root) says that the field itself is in the set. */
export function isMember(node: FieldSet): boolean {
  return SELF in node || isEmpty(node);
}

/** Of a root: no field is in the set. */
export function isEmpty(set: FieldSet): boolean {
  for (const _ in set) return false;
  return true;
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(a)) return b;
  let result: Record<string, FieldSet> | undefined;
  for (const step in b) {
    const [mine, other] = [a[step], b[step]!];
    const both = mine === undefined ? other : unionOfNodes(mine, other);
    if (both === mine) continue;
    result ??= { ...a };
    result[step] = both;
  }
  return result ?? a;
}

function unionOfNodes(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a;
  if (step0(b) === undefined) return withSelf(a, true);
  if (step0(a) === undefined) return withSelf(b, true);
  const both = union(a, b);
  return withSelf(both, isMember(a) || isMember(b));
}

/** The fields of `a` that are not in `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  let result: Record<string, FieldSet> | undefined;
  for (const step in a) {
    const other = b[step];
    if (step === SELF || other === undefined) continue;
    const left = differenceOfNodes(a[step]!, other);
    if (left === a[step]) continue;
    result ??= { ...a };
    if (left === undefined) delete result[step];
    else result[step] = left;
  }
  return result ?? a;
}

function differenceOfNodes(a: FieldSet, b: FieldSet): FieldSet | undefined {
  return nodeOf(difference(a, b), isMember(a) && !isMember(b));
}

/** As `difference`, but what is below a field of `b` goes too. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  let result: Record<string, FieldSet> | undefined;
  for (const step in a) {
    const other = b[step];
    if (step === SELF || other === undefined) continue;
    const mine = a[step]!;
    const left = isMember(other)
      ? undefined
      : nodeOf(recursiveDifference(mine, other), isMember(mine));
    if (left === mine) continue;
    result ??= { ...a };
    if (left === undefined) delete result[step];
    else result[step] = left;
  }
  return result ?? a;
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const result: Record<string, FieldSet> = {};
  for (const step in a) {
    const other = b[step];
    if (step === SELF || other === undefined) continue;
    const mine = a[step]!;
    const both = nodeOf(intersection(mine, other), isMember(mine) && isMember(other));
    if (both !== undefined) result[step] = both;
  }
  return result;
}

/** The same fields in both, in whatever order. */
export function isSameSet(a: FieldSet, b: FieldSet): boolean {
  return a === b || (isEmpty(difference(a, b)) && isEmpty(difference(b, a)));
}

/** The node below `step`; undefined: nothing of the set is there. */
export function below(set: FieldSet, step: string): FieldSet | undefined {
  return step === SELF ? undefined : set[step];
}

/** Every field of the set, as the steps to it. */
export function* pathsOf(set: FieldSet, before: readonly string[] = []): Generator<string[]> {
  for (const step in set) {
    if (step === SELF) continue;
    const path = [...before, step];
    if (isMember(set[step]!)) yield path;
    yield* pathsOf(set[step]!, path);
  }
}

/** The node of a field that is, or is not, in the set itself; undefined where nothing is left of it. */
export function nodeOf(children: FieldSet, isSelf: boolean): FieldSet | undefined {
  if (step0(children) === undefined) return isSelf ? LEAF : undefined;
  return withSelf(children, isSelf);
}

function withSelf(node: FieldSet, isSelf: boolean): FieldSet {
  if (step0(node) === undefined) return LEAF;
  if (SELF in node === isSelf) return node;
  if (isSelf) return { [SELF]: LEAF, ...node };
  const { [SELF]: _, ...children } = node;
  return children;
}

/** Any step that leads on from here. */
function step0(node: FieldSet): string | undefined {
  for (const step in node) if (step !== SELF) return step;
  return undefined;
}

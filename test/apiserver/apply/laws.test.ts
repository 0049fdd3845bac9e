/** The laws of server-side apply, over made-up configurations with maps, sets and lists found by key. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { schemaOf } from "../../../src/api/schema.ts";
import { ConflictsError } from "../../../src/apiserver/apply/conflict.ts";
import { intersection, isEmpty, NO_FIELDS } from "../../../src/apiserver/apply/field-set.ts";
import { entriesOfOwners, type Owner } from "../../../src/apiserver/apply/owners.ts";
import { afterApply, afterUpdate, type Write } from "../../../src/apiserver/apply/ownership.ts";

const schema = schemaOf("io.k8s.api.core.v1.Pod");
const NAMES = ["a", "b", "c", "d"];
const EMPTY = { apiVersion: "v1", kind: "Pod" };

/** What one client says: labels, finalizers (a set) and containers (a list by name). */
interface Said {
  labels: Record<string, string>;
  finalizers: string[];
  containers: Record<string, { image?: string; workingDir?: string }>;
}

const saidAbout = (names: string[]): fc.Arbitrary<Said> => {
  const name = fc.constantFrom(...names);
  const value = fc.constantFrom("1", "2", "3");
  const container = fc.record({ image: value, workingDir: value }, { requiredKeys: [] });
  return fc.record({
    labels: fc.dictionary(name, value),
    finalizers: fc.uniqueArray(name),
    containers: fc.dictionary(name, container),
  });
};
const said = saidAbout(NAMES);

/** Only what was said: an empty list or map would say that it is to be empty. */
function configOf({ labels, finalizers, containers }: Said): Record<string, unknown> {
  const list = Object.entries(containers).map(([name, fields]) => ({ name, ...fields }));
  const metadata = {
    ...(Object.keys(labels).length > 0 && { labels: { ...labels } }),
    ...(finalizers.length > 0 && { finalizers }),
  };
  return {
    ...EMPTY,
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...(list.length > 0 && { spec: { containers: list } }),
  };
}

interface State {
  object: unknown;
  owners: Owner[];
}
const START: State = { object: EMPTY, owners: [] };

const writeBy = (manager: string, now = "2014-06-06T00:00:00Z"): Write => ({
  schema,
  manager,
  apiVersion: "v1",
  subresource: "",
  ignored: NO_FIELDS,
  now,
});

function apply(state: State, manager: string, config: Said, isForced = false, now?: string): State {
  const write = writeBy(manager, now);
  return afterApply(state.owners, write, state.object, configOf(config), isForced);
}

/** The leaves of an object, by their paths; what is empty does not count. */
function leavesOf(value: unknown, at = "", found: Record<string, unknown> = {}) {
  if (Array.isArray(value)) {
    for (const one of value) leavesOf(one, `${at}[${one.name ?? one}]`, found);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) leavesOf(inner, `${at}.${key}`, found);
  } else if (value !== null) {
    found[at] = value;
  }
  return found;
}

const ownersOf = (state: State) =>
  entriesOfOwners(state.owners).map(({ manager, fieldsV1 }) => [manager, fieldsV1]);

describe("applying", () => {
  test("twice is as applying once", () => {
    fc.assert(
      fc.property(said, said, (before, config) => {
        const start = apply(START, "other", before);
        const once = apply(start, "me", config, true);
        const twice = apply(once, "me", config, false, "2014-06-07T00:00:00Z");
        expect(leavesOf(twice.object)).toEqual(leavesOf(once.object));
        expect(entriesOfOwners(twice.owners)).toEqual(entriesOfOwners(once.owners));
      }),
    );
  });

  test("makes the object say all that the configuration says", () => {
    fc.assert(
      fc.property(said, said, (before, config) => {
        const { object } = apply(apply(START, "other", before), "me", config, true);
        expect(leavesOf(object)).toMatchObject(leavesOf(configOf(config)));
      }),
    );
  });

  test("never conflicts where two managers speak of different things", () => {
    fc.assert(
      fc.property(saidAbout(["a", "b"]), saidAbout(["c", "d"]), (one, other) => {
        const both = apply(apply(START, "one", one), "other", other);
        const turned = apply(apply(START, "other", other), "one", one);
        expect(leavesOf(both.object)).toEqual(leavesOf(turned.object));
        expect(ownersOf(both)).toEqual(ownersOf(turned));
      }),
    );
  });

  test("conflicts exactly where another owns a field that would change", () => {
    fc.assert(
      fc.property(said, said, (one, other) => {
        const start = apply(START, "one", one);
        const [had, wanted] = [leavesOf(configOf(one)), leavesOf(configOf(other))];
        const differs = Object.keys(had).some((at) => at in wanted && had[at] !== wanted[at]);
        if (differs) expect(() => apply(start, "other", other)).toThrow(ConflictsError);
        else expect(leavesOf(apply(start, "other", other).object)).toEqual({ ...had, ...wanted });
      }),
    );
  });

  test("by force leaves no field with two owners of whom one wants another value", () => {
    fc.assert(
      fc.property(said, said, (one, other) => {
        const forced = apply(apply(START, "one", one), "other", other, true);
        // Whoever has a field may apply it again: nobody is in the way.
        expect(leavesOf(apply(forced, "other", other).object)).toEqual(leavesOf(forced.object));
      }),
    );
  });

  test("removes what is no longer said if nobody else owns it, and only that", () => {
    fc.assert(
      fc.property(said, said, said, (others, first, second) => {
        const start = apply(START, "other", others);
        const { object } = apply(apply(start, "me", first, true), "me", second, true);
        const [mine, now] = [leavesOf(configOf(first)), leavesOf(configOf(second))];
        const theirs = leavesOf(configOf(others));
        const left = leavesOf(object);
        for (const at of Object.keys(mine)) {
          const isTheirs = at in theirs && theirs[at] === mine[at];
          expect(at in left, at).toBe(at in now || isTheirs || isNameOfWhatIsLeft(at, left));
        }
        for (const at of Object.keys(theirs)) if (!(at in mine)) expect(left).toHaveProperty([at]);
      }),
    );
  });

  test("leaves alone what an update has set", () => {
    fc.assert(
      fc.property(saidAbout(["a", "b"]), saidAbout(["c", "d"]), said, (mine, set, next) => {
        const start = apply(START, "me", mine);
        const object = apply(start, "nobody", set).object;
        const owners = afterUpdate(start.owners, writeBy("them"), start.object, object);
        const { object: left } = apply({ object, owners }, "me", next, true);
        expect(Object.keys(leavesOf(left))).toEqual(
          expect.arrayContaining(Object.keys(leavesOf(configOf(set)))),
        );
      }),
    );
  });
});

/** The key of an element stays as long as the element. */
function isNameOfWhatIsLeft(at: string, left: Record<string, unknown>): boolean {
  const element = /^(.*\[.*\])\.name$/.exec(at)?.[1];
  return element !== undefined && Object.keys(left).some((one) => one.startsWith(`${element}.`));
}

describe("updating", () => {
  const objects = fc.tuple(said, said).map((both) => both.map(configOf));

  test("owns what it changes, and takes it from whoever had it", () => {
    fc.assert(
      fc.property(objects, ([before, after]) => {
        const start = afterUpdate([], writeBy("first"), EMPTY, before);
        const next = afterUpdate(start, writeBy("second"), before, after);
        const [had, has] = [leavesOf(before), leavesOf(after)];
        const fieldsOf = (name: string) =>
          next.find(({ manager }) => manager === name)?.fields ?? NO_FIELDS;
        if (Object.keys(has).some((at) => had[at] !== has[at])) {
          expect(isEmpty(fieldsOf("second"))).toBe(false);
        }
        expect(isEmpty(intersection(fieldsOf("first"), fieldsOf("second")))).toBe(true);
      }),
    );
  });

  test("changes no owner where it changes nothing", () => {
    fc.assert(
      fc.property(objects, ([before, after]) => {
        const owners = afterUpdate([], writeBy("first"), before, after);
        expect(afterUpdate(owners, writeBy("second"), after, structuredClone(after))).toBe(owners);
      }),
    );
  });

  test("leaves at most ten updaters, and forgets no field", () => {
    let object: Record<string, unknown> = EMPTY;
    let owners: Owner[] = [];
    for (let i = 0; i < 15; i++) {
      const labels = {
        ...((object.metadata as { labels?: object })?.labels ?? {}),
        [`l${i}`]: "1",
      };
      const next = { ...EMPTY, metadata: { labels } };
      const now = `2014-06-06T00:00:${String(i).padStart(2, "0")}Z`;
      owners = afterUpdate(owners, writeBy(`manager-${i}`, now), object, next);
      object = next;
    }
    const entries = entriesOfOwners(owners);
    expect(entries.map(({ manager }) => manager)).toEqual([
      "ancient-changes",
      ...Array.from({ length: 9 }, (_, i) => `manager-${i + 6}`),
    ]);
    expect(entries[0]).toMatchObject({
      time: "2014-06-06T00:00:05Z",
      fieldsV1: { "f:metadata": { "f:labels": { "f:l0": {}, "f:l5": {} } } },
    });
  });
});

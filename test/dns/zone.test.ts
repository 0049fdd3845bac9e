import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DnsRecord, recordKey } from "../../src/dns/record.ts";
import { Zone } from "../../src/dns/zone.ts";

const a = (name: string, data: string): DnsRecord => ({ name, type: "A", ttl: 30, data });

const NAMES = ["a.z", "b.a.z", "c.b.a.z", "d.z", "e.d.z"];

describe("a zone", () => {
  test("has the names above those it has records of, and no others", () => {
    const zone = new Zone();
    zone.put("one", [a("web.default.svc.z", "10.0.0.1")]);

    expect(zone.find("web.default.svc.z")).toHaveLength(1);
    expect(zone.find("svc.z")).toEqual([]);
    expect(zone.find("other.svc.z")).toBeUndefined();
    expect(zone.find("x.web.default.svc.z")).toBeUndefined();
  });

  test("replaces all an owner had", () => {
    const zone = new Zone();
    zone.put("one", [a("a.z", "10.0.0.1"), a("b.z", "10.0.0.1")]);
    zone.put("one", [a("b.z", "10.0.0.2")]);

    expect(zone.find("a.z")).toBeUndefined();
    expect(zone.find("b.z")).toEqual([a("b.z", "10.0.0.2")]);
  });

  test("keeps a record that another owner has too", () => {
    const zone = new Zone();
    zone.put("one", [a("a.z", "10.0.0.1")]);
    zone.put("two", [a("a.z", "10.0.0.1")]);

    expect(zone.find("a.z")).toHaveLength(1);
    zone.remove("one");
    expect(zone.find("a.z")).toHaveLength(1);
    zone.remove("two");
    expect(zone.size).toBe(0);
  });

  test("is after any changes what it would be from the start", () => {
    const record = fc.record({
      name: fc.constantFrom(...NAMES),
      data: fc.constantFrom("10.0.0.1", "10.0.0.2"),
    });
    const change = fc.record({
      owner: fc.constantFrom("one", "two", "three"),
      records: fc.array(record, { maxLength: 4 }),
      names: fc.array(fc.constantFrom(...NAMES), { maxLength: 2 }),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
        const zone = new Zone();
        for (const { owner, records, names } of changes) {
          zone.put(
            owner,
            records.map(({ name, data }) => a(name, data)),
            names,
          );
        }
        const last = new Map(changes.map((one) => [one.owner, one]));
        const owned = [...last.values()];
        for (const name of ["z", ...NAMES]) {
          const keys = owned
            .flatMap(({ records }) => records)
            .filter((one) => one.name === name)
            .map((one) => `A ${one.data}`);
          const all = owned.flatMap(({ records, names }) => [
            ...records.map((one) => one.name),
            ...names,
          ]);
          const isThere = all.some((one) => one === name || one.endsWith(`.${name}`));
          expect(zone.find(name)?.map(recordKey).toSorted()).toEqual(
            isThere ? [...new Set(keys)].toSorted() : undefined,
          );
        }
      }),
    );
  });
});

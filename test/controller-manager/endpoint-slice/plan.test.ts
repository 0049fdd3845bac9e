import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EndpointSlice } from "../../../src/api/discovery/endpoint-slice.ts";
import {
  type EndpointGroup,
  planSlices,
  type SlicePlan,
} from "../../../src/controller-manager/endpoint-slice/plan.ts";

const HTTP = [{ name: "http", port: 80, protocol: "TCP" }];
const endpoint = (n: number, ready = true) => ({
  addresses: [`10.0.${n >> 8}.${n & 255}`],
  conditions: { ready },
});
const endpoints = (...numbers: number[]) => numbers.map((n) => endpoint(n));
const group = (numbers: number[], ports = HTTP): EndpointGroup => ({
  ...{ addressType: "IPv4", ports },
  endpoints: endpoints(...numbers),
});
const slice = (name: string, numbers: number[], ports = HTTP): EndpointSlice => ({
  ...{ apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata: { name } },
  ...group(numbers, ports),
});

describe("a plan for slices", () => {
  test("puts what is new into the fullest slice that has room for it", () => {
    const existing = [slice("a", [1, 2]), slice("b", [3, 4, 5]), slice("c", [6, 7, 8, 9])];
    const plan = planSlices(existing, [group([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])], 4);
    expect(plan.writes.map(({ slice: of, endpoints: { length } }) => [of?.metadata.name, length])) //
      .toEqual([["b", 4]]);
    expect(plan.deletes).toEqual([]);
  });

  test("puts it into a slice that changes anyway", () => {
    const existing = [slice("a", [1, 2]), slice("b", [3, 4, 5])];
    const plan = planSlices(existing, [group([1, 3, 4, 5, 6])], 4);
    expect(plan.writes).toEqual([{ ...group([1, 6]), slice: existing[0] }]);
  });

  test("changes one slice when one endpoint changes its condition", () => {
    const existing = [slice("a", [1, 2]), slice("b", [3, 4])];
    const wanted = { ...group([]), endpoints: [...endpoints(1, 2, 3), endpoint(4, false)] };
    const plan = planSlices(existing, [wanted], 2);
    expect(plan.writes.map(({ slice: of }) => of?.metadata.name)).toEqual(["b"]);
    expect(plan.kept).toEqual([existing[0]]);
  });

  test("makes a slice of other ports out of one that would be deleted", () => {
    const https = [{ name: "https", port: 443, protocol: "TCP" }];
    const existing = [slice("a", [1])];
    const plan = planSlices(existing, [group([1], https)], 100);
    expect(plan).toEqual({
      writes: [{ ...group([1], https), slice: existing[0] }],
      deletes: [],
      kept: [],
    });
  });

  test("leaves one empty slice where there are no endpoints", () => {
    const none = { addressType: "IPv4", ports: [], endpoints: [] };
    const plan = planSlices([slice("a", [1]), slice("b", [2])], [none], 100);
    expect(plan.writes).toHaveLength(1);
    expect(plan.writes[0]).toMatchObject({ endpoints: [], ports: [] });
    expect(plan.deletes).toHaveLength(1);
    expect(planSlices([], [none], 100)).toEqual({ writes: [none], deletes: [], kept: [] });
  });

  test("leads to what is wanted, within the limit, and then to nothing more", () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 40 });
    const limits = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(fc.array(numbers, { maxLength: 6 }), limits, (changes, limit) => {
        let slices: EndpointSlice[] = [];
        let made = 0;
        for (const wanted of changes) {
          const before = slices;
          slices = carriedOut(planSlices(slices, [group(wanted)], limit), () => `s${made++}`);
          const held = slices.flatMap((one) => one.endpoints);
          expect(sortedText(held)).toEqual(sortedText(endpoints(...wanted)));
          for (const one of slices) expect(one.endpoints.length).toBeLessThanOrEqual(limit);
          const again = planSlices(slices, [group(wanted)], limit);
          expect([again.writes, again.deletes]).toEqual([[], []]);
          expect(slices.length).toBeLessThanOrEqual(
            Math.max(before.length, 1) + Math.ceil(wanted.length / limit),
          );
        }
      }),
      { numRuns: 300 },
    );
  });
});

function carriedOut({ writes, kept }: SlicePlan, nextName: () => string): EndpointSlice[] {
  const written = writes.map(({ slice: of, ...content }) => ({
    ...slice(of?.metadata.name ?? nextName(), []),
    ...content,
  }));
  return [...kept, ...written];
}

function sortedText(items: unknown[]): string[] {
  return items.map((item) => JSON.stringify(item)).toSorted();
}

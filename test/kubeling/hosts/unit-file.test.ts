import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { comesAfter, inStartOrder, parseUnit } from "../../../src/kubeling/hosts/unit-file.ts";

const FLANNELD = `
# A comment
[Unit]
Description=Flanneld overlay address etcd agent
After=network.target etcd.service
Before=docker.service
[Service]
Type=notify
EnvironmentFile=/etc/sysconfig/flanneld
EnvironmentFile=-/etc/sysconfig/docker-network
ExecStart=/usr/bin/flanneld \\
  -a
Restart=on-failure
RestartSec=2
`;

describe("a unit", () => {
  test("says what runs, when, and with which variables", () => {
    expect(parseUnit("flanneld.service", [FLANNELD])).toEqual({
      name: "flanneld.service",
      description: "Flanneld overlay address etcd agent",
      after: ["network.target", "etcd.service"],
      before: ["docker.service"],
      type: "notify",
      environmentFiles: [
        { path: "/etc/sysconfig/flanneld", isOptional: false },
        { path: "/etc/sysconfig/docker-network", isOptional: true },
      ],
      workingDirectory: undefined,
      start: ["/usr/bin/flanneld    -a"],
      startPost: [],
      restartsOnFailure: true,
      restartMs: 2_000,
    });
  });

  test("is started once, in a tenth of a second, and not again, where it says nothing", () => {
    expect(parseUnit("a.service", ["[Service]\nExecStart=/bin/a"])).toMatchObject({
      type: "simple",
      restartsOnFailure: false,
      restartMs: 100,
    });
  });

  test("is added to by a drop-in, and forgets what the drop-in sets to nothing", () => {
    const dropIn = "[Service]\nEnvironmentFile=-/run/b\nExecStart=\nExecStart=/bin/b";
    const unit = parseUnit("a.service", [
      "[Service]\nEnvironmentFile=/a\nExecStart=/bin/a",
      dropIn,
    ]);
    expect(unit.start).toEqual(["/bin/b"]);
    expect(unit.environmentFiles.map(({ path }) => path)).toEqual(["/a", "/run/b"]);
  });

  test("knows a setting by its section", () => {
    expect(parseUnit("a.service", ["[Install]\nExecStart=/bin/a"]).start).toEqual([]);
  });
});

describe("the order of units", () => {
  const unit = (name: string, after: string[], before: string[] = []) =>
    parseUnit(name, [`[Unit]\nAfter=${after.join(" ")}\nBefore=${before.join(" ")}`]);

  test("is that of After= and Before=, and else of the names", () => {
    const units = [
      unit("c", []),
      unit("b", ["d"]),
      unit("d", []),
      unit("a", []),
      unit("e", [], ["a"]),
    ];
    expect(inStartOrder(units).map(({ name }) => name)).toEqual(["c", "d", "b", "e", "a"]);
  });

  test("waits for nothing that is not there", () => {
    expect(inStartOrder([unit("a", ["network.target"])])).toHaveLength(1);
  });

  test("cannot be made where two wait for each other", () => {
    expect(() => inStartOrder([unit("a", ["b"]), unit("b", ["a"])])).toThrow(
      "units wait for each other: a,b",
    );
  });

  test("never starts one before what it comes after, whatever the units", () => {
    const edges = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 20 });
    fc.assert(
      fc.property(
        edges,
        fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 8 }),
        (all, names) => {
          // From a larger to a smaller position only, so that there is an order.
          const afterOf = (i: number) => all.filter(([a, b]) => a === i && b < i).map(([, b]) => b);
          const units = names.map((name, i) =>
            unit(
              `u${name}`,
              afterOf(i).map((b) => `u${names[b]}`),
            ),
          );
          const ordered = inStartOrder(units);
          expect(ordered).toHaveLength(units.length);
          ordered.forEach((one, i) => {
            for (const later of ordered.slice(i + 1)) expect(comesAfter(one, later)).toBe(false);
          });
        },
      ),
    );
  });
});

import { describe, expect, test } from "vitest";
import { Pod } from "../../src/api/pod.ts";
import { complete, type Draft } from "./judge.ts";

const main = { name: "main", image: "nginx" };
const warningsOf = (spec: Draft) =>
  Pod.warnings?.(complete(Pod, { spec: { containers: [main], ...spec } }));
const container = (fields: Draft) => ({ containers: [{ ...main, ...fields }] });

describe("a Pod is accepted with a warning that", () => {
  test.each<[string, Draft, string[]]>([
    ["nothing is wrong", {}, []],
    [
      "a variable is hidden",
      container({
        env: [
          { name: "A", value: "1" },
          { name: "A", value: "2" },
        ],
      }),
      [
        'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
      ],
    ],
    [
      "nothing is wrong with a variable made from its former self",
      container({
        env: [
          { name: "A", value: "1" },
          { name: "A", value: "$(A)2" },
        ],
      }),
      [],
    ],
    [
      "a port is named twice",
      container({ ports: [{ containerPort: 80 }, { containerPort: 80 }] }),
      ["spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]"],
    ],
    [
      "two containers want one port",
      {
        containers: [
          { ...main, ports: [{ containerPort: 80 }] },
          { ...main, name: "second", ports: [{ containerPort: 80, hostPort: 8080 }] },
        ],
      },
      ["spec.containers[1].ports[0]: overlapping port definition with spec.containers[0].ports[0]"],
    ],
    [
      "a variable is made from nothing but its former self",
      container({
        env: [
          { name: "A", value: "1" },
          { name: "A", value: "$(A)" },
        ],
      }),
      [
        'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
      ],
    ],
    [
      "a label has a newer name",
      { nodeSelector: { "beta.kubernetes.io/os": "linux" } },
      [
        'spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use "kubernetes.io/os" instead',
      ],
    ],
    [
      "its period is negative",
      { terminationGracePeriodSeconds: -1 },
      [
        "spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1",
      ],
    ],
  ])("%s", (_, spec, warnings) => {
    expect(warningsOf(spec)).toEqual(warnings);
  });
});

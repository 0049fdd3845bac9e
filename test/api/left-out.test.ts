/** What a list's element leaves out is zero to Go, and is judged as that. */
import type { PodSpec } from "kubernetes-types/core/v1.js";
import { describe, expect, test } from "vitest";
import { wordingOf } from "../../src/api/field-error.ts";
import { Pod } from "../../src/api/pod.ts";
import { complete, type Draft } from "./judge.ts";

const main = { name: "main", image: "nginx" };

function wordings(spec: Draft): string[] {
  const pod = complete(Pod, { spec: { containers: [main], ...spec } });
  return Pod.validate!(pod).map(wordingOf);
}

const NAME_PART =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const emptyKey = (path: string) => [
  `${path}.operator: Invalid value: "": not a valid selector operator`,
  `${path}.key: Invalid value: "": name part must be non-empty`,
  `${path}.key: Invalid value: "": ${NAME_PART}`,
];
const PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";
const AFFINITY = "spec.affinity";

describe("an empty element", () => {
  test.each<[string, Draft, string[]]>([
    [
      "of a node selector's expressions",
      { affinity: { nodeAffinity: { [PREFERRED]: [{ preference: { matchExpressions: [{}] } }] } } },
      [
        `${AFFINITY}.nodeAffinity.${PREFERRED}[0].weight: Invalid value: 0: must be in the range 1-100`,
        ...emptyKey(`${AFFINITY}.nodeAffinity.${PREFERRED}[0].preference.matchExpressions[0]`),
      ],
    ],
    [
      "of preferred pod affinity",
      { affinity: { podAffinity: { [PREFERRED]: [{ weight: 1 }] } } },
      [
        `${AFFINITY}.podAffinity.${PREFERRED}[0].podAffinityTerm.topologyKey: Required value: can not be empty`,
        `${AFFINITY}.podAffinity.${PREFERRED}[0].podAffinityTerm.topologyKey: Invalid value: "": name part must be non-empty`,
        `${AFFINITY}.podAffinity.${PREFERRED}[0].podAffinityTerm.topologyKey: Invalid value: "": ${NAME_PART}`,
      ],
    ],
    [
      "of topologySpreadConstraints",
      { topologySpreadConstraints: [{ topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule" }] },
      ["spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero"],
    ],
    [
      "of HTTP headers",
      {
        containers: [
          { ...main, livenessProbe: { httpGet: { port: 80, httpHeaders: [{ value: "x" }] } } },
        ],
      },
      [
        "spec.containers[0].livenessProbe.httpGet.httpHeaders: Invalid value: \"\": a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')",
      ],
    ],
  ])("%s", (_, spec, expected) => {
    expect(wordings(spec as Partial<PodSpec>)).toEqual(expected);
  });
});

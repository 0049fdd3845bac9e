import { describe, expect, test } from "vitest";
import { ApiError } from "../../src/api/errors.ts";
import {
  type DecodedKind,
  decodeBody,
  decodeDeleteOptions,
  type FieldValidation,
} from "../../src/apiserver/decode.ts";

const Pod: DecodedKind = {
  group: "",
  version: "v1",
  kind: "Pod",
  schema: "io.k8s.api.core.v1.Pod",
};
const ReplicationController: DecodedKind = {
  ...Pod,
  kind: "ReplicationController",
  schema: "io.k8s.api.core.v1.ReplicationController",
};
const Secret: DecodedKind = { ...Pod, kind: "Secret", schema: "io.k8s.api.core.v1.Secret" };
const Lease: DecodedKind = {
  group: "coordination.k8s.io",
  version: "v1",
  kind: "Lease",
  schema: "io.k8s.api.coordination.v1.Lease",
};
const Widget: DecodedKind = { group: "example.com", version: "v1", kind: "Widget", schema: "" };

function decode(body: unknown, kind = Pod, mode?: FieldValidation, contentType?: string) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return decodeBody(Buffer.from(text), contentType, kind, mode);
}

function refusal(run: () => unknown): { code: number; reason?: string; message: string } {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { code, reason, message } = error.status;
    return { code, message, ...(reason && { reason }) };
  }
  throw new Error("it was accepted");
}

const messageOf = (body: unknown, kind = Pod, mode?: FieldValidation, contentType?: string) =>
  refusal(() => decode(body, kind, mode, contentType)).message;

const pod = (spec: object, metadata: object = { name: "web" }) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata,
  spec,
});

describe("a body that is not JSON", () => {
  test.each([
    ["", "unexpected end of JSON input (<empty>)"],
    ["{", "unexpected end of JSON input ({)"],
    ['{"kind":}', `invalid character '}' looking for beginning of value ({"kind":})`],
    [
      "{kind: Pod}",
      "invalid character 'k' looking for beginning of object key string ({kind: Pod})",
    ],
    ['{"a" 1}', `invalid character '1' after object key ({"a" 1})`],
    ['{"a":1 "b"}', `invalid character '"' after object key:value pair ({"a":1 "b"})`],
    ['{"a":[1 2]}', `invalid character '2' after array element ({"a":[1 2]})`],
    ["{} x", "invalid character 'x' after top-level value ({} x)"],
    ['{"a":tru}', `invalid character '}' in literal true (expecting 'e') ({"a":tru})`],
    ['{"a":-}', `invalid character '}' in numeric literal ({"a":-})`],
    ['{"a":1.}', `invalid character '}' after decimal point in numeric literal ({"a":1.})`],
    ['{"a":1e}', `invalid character '}' in exponent of numeric literal ({"a":1e})`],
    ['{"a":01}', `invalid character '1' after object key:value pair ({"a":01})`],
    ['{"a":"\\x"}', `invalid character 'x' in string escape code ({"a":"\\x"})`],
    [
      '{"a":"\\u12g"}',
      `invalid character 'g' in \\u hexadecimal character escape ({"a":"\\u12g"})`,
    ],
    ['{"a":"\n"}', `invalid character '\\n' in string literal ({"a":"\n"})`],
    ["'a'", `invalid character '\\'' looking for beginning of value (276127)`],
    ["ü", "invalid character 'Ã' looking for beginning of value (c3bc)"],
    ['{"a":1,}', `invalid character '}' looking for beginning of object key string ({"a":1,})`],
    ['{"a":[1,]}', `invalid character ']' looking for beginning of value ({"a":[1,]})`],
  ])("is refused in Go's words: %j", (text, why) => {
    expect(messageOf(text)).toBe(
      "the object provided is unrecognized (must be of type Pod): " +
        `couldn't get version/kind; json parse error: ${why}`,
    );
  });

  test("is a bad request, and only its first 30 bytes are told", () => {
    expect(refusal(() => decode(`{"apiVersion":"v1","kind":"Pod","metadata"`))).toEqual({
      code: 400,
      reason: "BadRequest",
      message:
        "the object provided is unrecognized (must be of type Pod): couldn't get version/kind; " +
        `json parse error: unexpected end of JSON input ({"apiVersion":"v1","kind":"Pod ...)`,
    });
  });

  test("may not be nested without end", () => {
    const deep = `{"a":${"[".repeat(20_000)}${"]".repeat(20_000)}}`;
    expect(messageOf(deep)).toContain("json parse error: exceeded max depth (");
    expect(messageOf(deep.slice(0, -1))).toContain("json parse error: exceeded max depth (");
  });

  test("and not an object is refused", () => {
    expect(messageOf("[1]")).toBe(
      "the object provided is unrecognized (must be of type Pod): couldn't get version/kind; " +
        "json parse error: json: cannot unmarshal array into Go value of type struct { APIVersion " +
        'string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" } (5b315d)',
    );
    expect(messageOf({ kind: 5 })).toContain(
      "json parse error: json: cannot unmarshal number into Go struct field .kind of type string (",
    );
  });
});

describe("an object of another kind", () => {
  test.each([
    [{ kind: "Pood", apiVersion: "v1" }, `no kind "Pood" is registered for version "v1"`],
    [{ kind: "Pod", apiVersion: "v2" }, `no kind "Pod" is registered for version "v2"`],
    [{ kind: "Pod", apiVersion: "apps/v1" }, `no kind "Pod" is registered for version "apps/v1"`],
  ])("that does not exist is refused: %j", (body, why) => {
    const { kind, apiVersion } = body;
    const version = apiVersion.split("/").at(-1);
    expect(messageOf(body)).toBe(
      `${kind} in version "${version}" cannot be handled as a Pod: ` +
        `${why} in scheme "pkg/api/legacyscheme/scheme.go:30"`,
    );
  });

  test("cannot be converted", () => {
    expect(messageOf({ kind: "Service", apiVersion: "v1" })).toBe(
      'Service in version "v1" cannot be handled as a Pod: ' +
        "converting (v1.Service) to (core.Pod): unknown conversion",
    );
  });

  test("in another version of its group is refused", () => {
    const scaler: DecodedKind = {
      group: "autoscaling",
      version: "v1",
      kind: "HorizontalPodAutoscaler",
      schema: "io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler",
    };
    expect(messageOf({ kind: scaler.kind, apiVersion: "autoscaling/v2" }, scaler)).toBe(
      "the API version in the data (autoscaling/v2) does not match the expected API version (autoscaling/v1)",
    );
  });

  test("needs a group and a version at most", () => {
    expect(messageOf({ kind: "Pod", apiVersion: "a/b/c" })).toBe(
      "the object provided is unrecognized (must be of type Pod): " +
        `unexpected GroupVersion string: a/b/c ({"kind":"Pod","apiVersion":"a/ ...)`,
    );
  });
});

describe("an object that does not say its kind", () => {
  test("is of the kind that its path asks for", () => {
    expect(decode({ metadata: { name: "web" } }).object).toEqual({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "web" },
      spec: {},
    });
    expect(decode({ metadata: { name: "a" } }, Lease).object.apiVersion).toBe(
      "coordination.k8s.io/v1",
    );
  });

  test("is refused where no Go type could tell", () => {
    expect(messageOf({ a: 1 }, Widget)).toBe(
      "the object provided is unrecognized (must be of type Widget): " +
        `Object 'Kind' is missing in '{"a":1}' ({"a":1})`,
    );
    expect(messageOf({ kind: "Widget" }, Widget)).toContain("Object 'apiVersion' is missing in '");
    const widget = { kind: "Widget", apiVersion: "example.com/v1", spec: { any: ["thing", null] } };
    expect(decode(widget, Widget).object).toEqual(widget);
  });
});

describe("an unknown field", () => {
  const typo = pod({ containers: [{ name: "a", imag: "nginx" }], replicas: 3 });

  test("is left out, with a warning each", () => {
    const { object, warnings } = decode(typo);
    expect(object.spec).toEqual({ containers: [{ name: "a" }] });
    expect(warnings).toEqual([
      'unknown field "spec.containers[0].imag"',
      'unknown field "spec.replicas"',
    ]);
  });

  test("is left out without a word where nobody wants to know", () => {
    expect(decode(typo, Pod, "Ignore")).toMatchObject({ warnings: [] });
  });

  test("is refused where strictness is asked for", () => {
    expect(refusal(() => decode(typo, Pod, "Strict"))).toEqual({
      code: 400,
      reason: "BadRequest",
      message:
        'Pod in version "v1" cannot be handled as a Pod: strict decoding error: ' +
        'unknown field "spec.containers[0].imag", unknown field "spec.replicas"',
    });
  });

  test("is one whose letters are of the wrong case", () => {
    expect(decode(pod({ Containers: [] })).warnings).toEqual(['unknown field "spec.Containers"']);
  });

  test("may be called __proto__ and does no harm", () => {
    const text =
      '{"metadata":{"name":"a","labels":{"__proto__":"x"}},"__proto__":{"polluted":true}}';
    const { object, warnings } = decode(text);
    expect(warnings).toEqual(['unknown field "__proto__"']);
    expect(Object.keys(object.metadata.labels!)).toEqual(["__proto__"]);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
  });

  test("counts a hundred times at most", () => {
    const spec = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`x${index}`, 1]));
    expect(decode(pod(spec)).warnings).toHaveLength(100);
  });
});

describe("a field that is there twice", () => {
  const twice =
    '{"apiVersion":"v1","kind":"ReplicationController","metadata":{"name":"a","labels":{"b":"1","b":"2"}},' +
    '"spec":{"replicas":1,"foo":1,"replicas":2}}';

  test("takes its last value, with a warning", () => {
    const { object, warnings } = decode(twice, ReplicationController);
    expect(object.spec).toEqual({ replicas: 2 });
    expect(warnings).toEqual([
      'duplicate field "metadata.labels.b"',
      'duplicate field "spec.replicas"',
      'unknown field "spec.foo"',
    ]);
  });

  test("is refused where strictness is asked for, in YAML in other words", () => {
    expect(messageOf(twice, ReplicationController, "Strict")).toContain(
      'strict decoding error: duplicate field "metadata.labels.b", duplicate field "spec.replicas"',
    );
    const yaml = "metadata:\n  name: a\nspec:\n  nodeName: a\n  nodeName: b\n  foo: 1\n";
    expect(messageOf(yaml, Pod, "Strict", "application/yaml")).toBe(
      'Pod in version "v1" cannot be handled as a Pod: strict decoding error: ' +
        'yaml: unmarshal errors:\n  line 5: key "nodeName" already set in map, unknown field "spec.foo"',
    );
  });
});

describe("a value of the wrong type", () => {
  test.each([
    [
      { containers: "x" },
      "string into Go struct field PodSpec.spec.containers of type []v1.Container",
    ],
    [
      { containers: [{ name: 5 }] },
      "number into Go struct field Container.spec.containers.name of type string",
    ],
    [
      { containers: [{ ports: [{ containerPort: "80" }] }] },
      "string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32",
    ],
    [
      { containers: [{ ports: [{ containerPort: 1.5 }] }] },
      "number 1.5 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32",
    ],
    [
      { priority: 3_000_000_000 },
      "number 3000000000 into Go struct field PodSpec.spec.priority of type int32",
    ],
    [{ hostNetwork: "yes" }, "string into Go struct field PodSpec.spec.hostNetwork of type bool"],
    [
      { nodeSelector: { ssd: true } },
      "bool into Go struct field PodSpec.spec.nodeSelector of type string",
    ],
    [
      { restartPolicy: 1 },
      "number into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy",
    ],
    [
      { containers: [{ env: [{ name: "A", value: 1 }] }] },
      "number into Go struct field EnvVar.spec.containers.env.value of type string",
    ],
    [
      { containers: [[]] },
      "array into Go struct field PodSpec.spec.containers of type v1.Container",
    ],
    [
      { containers: [{ livenessProbe: { httpGet: { port: true } } }] },
      "bool into Go struct field HTTPGetAction.spec.containers.livenessProbe.httpGet.port of type int32",
    ],
  ])("is refused in Go's words: %j", (spec, why) => {
    expect(messageOf(pod(spec))).toBe(
      `Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal ${why}`,
    );
  });

  test("is the first one told, and before unknown fields", () => {
    expect(messageOf(pod({ foo: 1, nodeName: 1, hostNetwork: 2 }), Pod, "Strict")).toBe(
      'Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal number into Go ' +
        "struct field PodSpec.spec.nodeName of type string",
    );
  });

  test.each([
    [
      "1 GB",
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [
      "1Gb",
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    ["1GG", "unable to parse quantity's suffix"],
  ])("may be a quantity: %j", (memory, why) => {
    const spec = { containers: [{ name: "a", resources: { limits: { memory } } }] };
    expect(messageOf(pod(spec))).toBe(`Pod in version "v1" cannot be handled as a Pod: ${why}`);
  });

  test.each([
    ["yesterday", ` as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"`],
    ["", ` as "2006-01-02T15:04:05Z07:00": cannot parse "" as "2006"`],
    ["2020-01-02", ` as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"`],
    ["2020-13-02T00:00:00Z", ": month out of range"],
    ["2021-02-29T00:00:00Z", ": day out of range"],
    ["2020-01-02T00:00:00", ` as "2006-01-02T15:04:05Z07:00": cannot parse "" as "Z07:00"`],
    ["2020-01-02T00:00:00Zx", `: extra text: "x"`],
  ])("may be a time: %j", (creationTimestamp, why) => {
    expect(messageOf(pod({}, { creationTimestamp }))).toBe(
      `Pod in version "v1" cannot be handled as a Pod: parsing time "${creationTimestamp}"${why}`,
    );
  });

  test("may be base64", () => {
    expect(messageOf({ data: { a: "aGk=", b: "a b" } }, Secret)).toBe(
      'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 1',
    );
    expect(decode({ data: { a: "aGk=" } }, Secret).object).toMatchObject({ data: { a: "aGk=" } });
  });
});

describe("what is stored", () => {
  test("has times in UTC and quantities in their canonical form", () => {
    const limits = { cpu: 0.5, memory: "1024Mi", "example.com/a": "1500m", "example.com/b": "1e3" };
    const spec = { containers: [{ name: "a", resources: { limits } }] };
    const { object } = decode(pod(spec, { creationTimestamp: "2020-01-01T10:00:00.5+02:00" }));
    expect(object.metadata.creationTimestamp).toBe("2020-01-01T08:00:00Z");
    expect(object.spec).toMatchObject({
      containers: [
        {
          resources: {
            limits: {
              cpu: "500m",
              memory: "1Gi",
              "example.com/a": "1500m",
              "example.com/b": "1e3",
            },
          },
        },
      ],
    });
    const lease = { spec: { renewTime: "2020-01-01T10:00:00.123456+02:00" } };
    expect(decode(lease, Lease).object.spec).toEqual({ renewTime: "2020-01-01T08:00:00.123456Z" });
  });

  test("has metadata and a spec, as Go's structs do", () => {
    expect(decode({}).object).toEqual({ apiVersion: "v1", kind: "Pod", metadata: {}, spec: {} });
    expect(decode({}, Secret).object).toEqual({ apiVersion: "v1", kind: "Secret", metadata: {} });
  });

  test("has no nulls: a null field is unset, a null in a list or a map is the empty value", () => {
    const spec = { nodeName: null, containers: [null], nodeSelector: { a: null } };
    expect(decode(pod(spec, { creationTimestamp: null })).object).toEqual(
      pod({ containers: [{}], nodeSelector: { a: "" } }, {}),
    );
  });

  test("has no empty lists or maps, but those that are required and empty objects", () => {
    const spec = { containers: [], volumes: [], nodeSelector: {}, securityContext: {} };
    expect(decode(pod(spec, { labels: {} })).object).toEqual(
      pod({ containers: [], securityContext: {} }, {}),
    );
  });
});

describe("a content type", () => {
  test("is JSON if it is not told, and may have parameters", () => {
    for (const type of [undefined, "", "application/json", "Application/JSON; charset=utf-8"]) {
      expect(decode(pod({}), Pod, "Warn", type).object.kind).toBe("Pod");
    }
  });

  test("may be YAML 1.1", () => {
    const yaml =
      "apiVersion: v1\nkind: Pod\nmetadata:\n  name: &n web\n  labels: {app: *n}\n" +
      "spec:\n  hostNetwork: yes\n  volumes:\n  - name: a\n    secret: {defaultMode: 0644}\n---\nnext: 1";
    expect(decode(yaml, Pod, "Strict", "application/yaml").object).toEqual(
      pod(
        { hostNetwork: true, volumes: [{ name: "a", secret: { defaultMode: 420 } }] },
        { name: "web", labels: { app: "web" } },
      ),
    );
  });

  test("that is YAML but malformed is refused in go-yaml's words", () => {
    expect(messageOf("kind: Pod\nmetadata: name: x", Pod, "Warn", "application/yaml")).toBe(
      "the object provided is unrecognized (must be of type Pod): " +
        "yaml: line 2: mapping values are not allowed in this context " +
        "(6b696e643a20506f640a6d657461646174613a206e616d653a2078)",
    );
  });

  test.each(["application/vnd.kubernetes.protobuf", "text/plain"])(
    "that is %s is refused",
    (type) => {
      expect(refusal(() => decode(pod({}), Pod, "Warn", type))).toEqual({
        code: 415,
        reason: "UnsupportedMediaType",
        message:
          "the body of the request was in an unknown format - accepted media types include: " +
          "application/json, application/yaml, application/vnd.kubernetes.protobuf",
      });
    },
  );
});

describe("the options of a delete", () => {
  test("may be absent, and of any group", () => {
    expect(decodeDeleteOptions(Buffer.from(""), undefined)).toEqual({});
    const body = { kind: "DeleteOptions", apiVersion: "apps/v1", gracePeriodSeconds: 0 };
    expect(decodeDeleteOptions(Buffer.from(JSON.stringify(body)), undefined)).toMatchObject({
      gracePeriodSeconds: 0,
    });
  });

  test("are refused when they are something else", () => {
    const body = Buffer.from('{"kind":"Pod","apiVersion":"v1"}');
    expect(() => decodeDeleteOptions(body, undefined)).toThrow('no kind "Pod" is registered');
  });
});

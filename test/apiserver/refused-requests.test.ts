/**
 * What requests are refused for before there is an object to judge: their options, their numbers, their tokens.
 * Every expectation is the whole Status, read from the original's source, named where it stands.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { APIService } from "../../src/api/apiregistration/api-service.ts";
import { ask } from "../support/api-request.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { causeOf } from "./invalid-objects/claim.ts";

const PODS = "/api/v1/namespaces/default/pods";
const POD = `${PODS}/web`;
const pod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web" },
  spec: { containers: [{ name: "web", image: "nginx" }] },
};

let server: Awaited<ReturnType<typeof startTestApiServer>>;
beforeAll(async () => {
  server = await startTestApiServer();
  const node = { apiVersion: "v1", kind: "Node", metadata: { name: "node1" } };
  expect((await ask(server.transport, "POST", "/api/v1/nodes", node)).status).toBe(201);
  expect((await ask(server.transport, "POST", PODS, pod)).status).toBe(201);
});
afterAll(() => server.stop());

type Refused = [what: string, method: string, path: string, causes: string[], options: string];

// metav1 validation.go: ValidateCreateOptions and the like; internalversion validation.go: ValidateListOptions
const badOptions: Refused[] = [
  [
    "a match of no version",
    "GET",
    `${PODS}?resourceVersionMatch=Exact`,
    [
      "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided",
    ],
    "ListOptions",
  ],
  [
    "an unknown match",
    "GET",
    `${PODS}?resourceVersion=1&resourceVersionMatch=Odd`,
    [
      'resourceVersionMatch: Unsupported value: "Odd": supported values: "Exact", "NotOlderThan", ""',
    ],
    "ListOptions",
  ],
  [
    "exactly any version",
    "GET",
    `${PODS}?resourceVersion=0&resourceVersionMatch=Exact`,
    [
      'resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
    ],
    "ListOptions",
  ],
  [
    "everything that a list may not say",
    "GET",
    `${PODS}?continue=a&resourceVersionMatch=Odd&sendInitialEvents=true`,
    [
      "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided",
      "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided",
      'resourceVersionMatch: Unsupported value: "Odd": supported values: "Exact", "NotOlderThan", ""',
      "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list",
    ],
    "ListOptions",
  ],
  [
    "a watch from a match",
    "GET",
    `${PODS}?watch=1&resourceVersion=1&resourceVersionMatch=Exact`,
    [
      "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
      'resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"',
    ],
    "ListOptions",
  ],
  [
    "initial events from no match",
    "GET",
    `${PODS}?watch=1&sendInitialEvents=true`,
    [
      "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
    ],
    "ListOptions",
  ],
  [
    "an odd dry run of a create",
    "POST",
    `${PODS}?dryRun=Odd`,
    ['dryRun: Unsupported value: []string{"Odd"}: supported values: "All"'],
    "CreateOptions",
  ],
  [
    "a dry run of nothing",
    "POST",
    `${PODS}?dryRun=`,
    ['dryRun: Unsupported value: []string{""}: supported values: "All"'],
    "CreateOptions",
  ],
  [
    "all that a create may not say",
    "POST",
    `${PODS}?dryRun=All&dryRun=None&fieldManager=a%01b&fieldValidation=Odd`,
    [
      'fieldManager: Invalid value: "a\\x01b": invalid character U+0001 (at position 1)',
      'dryRun: Unsupported value: []string{"All", "None"}: supported values: "All"',
      'fieldValidation: Unsupported value: "Odd": supported values: "", "Ignore", "Strict", "Warn"',
    ],
    "CreateOptions",
  ],
  [
    "a long manager of an update",
    "PUT",
    `${POD}?fieldManager=${"m".repeat(129)}`,
    ["fieldManager: Too long: must have at most 128 bytes"],
    "UpdateOptions",
  ],
  [
    "an odd dry run of a delete",
    "DELETE",
    `${POD}?dryRun=Odd`,
    ['dryRun: Unsupported value: []string{"Odd"}: supported values: "All"'],
    "DeleteOptions",
  ],
  [
    "an odd propagation",
    "DELETE",
    `${POD}?propagationPolicy=Odd`,
    [
      'propagationPolicy: Unsupported value: "Odd": supported values: "Foreground", "Background", "Orphan", "nil"',
    ],
    "DeleteOptions",
  ],
  [
    "two propagations",
    "DELETE",
    `${POD}?propagationPolicy=Orphan&orphanDependents=false`,
    [
      'propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set',
    ],
    "DeleteOptions",
  ],
];

test.each(badOptions)("%s is refused", async (_, method, path, causes, kind) => {
  const body = method === "POST" || method === "PUT" ? pod : undefined;
  const { json } = await ask(server.transport, method, path, body);
  const all = causes.length === 1 ? causes[0] : `[${causes.join(", ")}]`;
  expect(json).toEqual({
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: `${kind}.meta.k8s.io "" is invalid: ${all}`,
    reason: "Invalid",
    details: { group: "meta.k8s.io", kind, causes: causes.map(causeOf) },
    code: 422,
  });
});

const token = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const KEY = "invalid continue token: continue key is not valid";

const bad: [what: string, method: string, path: string, message: string][] = [
  // runtime.Convert_Slice_string_To_int64: the error of strconv as it is
  [
    "a word for a limit",
    "GET",
    `${PODS}?limit=abc`,
    'strconv.ParseInt: parsing "abc": invalid syntax',
  ],
  [
    "a limit beyond 64 bits",
    "GET",
    `${PODS}?limit=9223372036854775808`,
    'strconv.ParseInt: parsing "9223372036854775808": value out of range',
  ],
  [
    "half a second",
    "GET",
    `${PODS}?timeoutSeconds=0.5`,
    'strconv.ParseInt: parsing "0.5": invalid syntax',
  ],
  [
    "a word for a grace period",
    "DELETE",
    `${POD}?gracePeriodSeconds=soon`,
    'strconv.ParseInt: parsing "soon": invalid syntax',
  ],
  // storage.DecodeContinue, as etcd3's store answers it
  [
    "a token that is not base64",
    "GET",
    `${PODS}?continue=%21`,
    `${KEY}: illegal base64 data at input byte 0`,
  ],
  [
    "a token of another version",
    "GET",
    `${PODS}?continue=${token({ v: "v9", rv: 1, start: "a" })}`,
    `${KEY}: server does not recognize this encoded version v9`,
  ],
  [
    "a token of no revision",
    "GET",
    `${PODS}?continue=${token({ v: "meta.k8s.io/v1", start: "a" })}`,
    `${KEY}: incorrect encoded start resourceVersion (version meta.k8s.io/v1)`,
  ],
  [
    "a token that starts nowhere",
    "GET",
    `${PODS}?continue=${token({ v: "meta.k8s.io/v1", rv: 1 })}`,
    `${KEY}: encoded start key empty (version meta.k8s.io/v1)`,
  ],
  [
    "a token that leads out",
    "GET",
    `${PODS}?continue=${token({ v: "meta.k8s.io/v1", rv: 1, start: "../a" })}`,
    `${KEY}: ../a`,
  ],
  // streamLocation
  ["exec on no node", "POST", `${POD}/exec?command=ls`, "pod web does not have a host assigned"],
];

test.each(bad)("%s is a bad request", async (_, method, path, message) => {
  const { json } = await ask(server.transport, method, path);
  expect(json).toEqual(status(400, "BadRequest", message));
});

test("exec in a pod that is not there says so before it asks for a stream", async () => {
  const { json } = await ask(server.transport, "POST", `${PODS}/none/exec?command=ls`);
  const details = { name: "none", kind: "pods" };
  expect(json).toEqual({ ...status(404, "NotFound", 'pods "none" not found'), details });
});

test("exec without an upgrade is a bad request", async () => {
  const placed = { ...pod, metadata: { name: "placed" }, spec: { ...pod.spec, nodeName: "node1" } };
  expect((await ask(server.transport, "POST", PODS, placed)).status).toBe(201);
  const { json } = await ask(server.transport, "POST", `${PODS}/placed/exec?command=ls`);
  expect(json).toEqual(status(400, "BadRequest", "Upgrade request required"));
});

// ValidateAPIServiceStatus, and apiServerStatusStrategy.PrepareForUpdate
test("the status of an API service has known states, and brings nothing else", async () => {
  const service = APIService.example;
  const path = "/apis/apiregistration.k8s.io/v1/apiservices";
  const place = `${path}/${service.metadata.name}`;
  expect((await ask(server.transport, "POST", path, service)).status).toBe(201);
  const patch = (object: object) => {
    const headers = { "content-type": "application/merge-patch+json" };
    return ask(server.transport, "PATCH", `${place}/status`, object, headers);
  };
  const odd = await patch({ status: { conditions: [{ type: "Available", status: "Odd" }] } });
  expect(odd.json.details.causes).toEqual([
    causeOf(
      'status.conditions[0].status: Unsupported value: "Odd": supported values: "True", "False", "Unknown"',
    ),
  ]);
  const labelled = await patch({ metadata: { labels: { a: "b" } }, spec: { version: "v2" } });
  expect(labelled.status).toBe(200);
  expect(labelled.json.metadata.labels).toBeUndefined();
  expect(labelled.json.spec.version).toBe("v1");
});

function status(code: number, reason: string, message: string) {
  const common = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure" };
  return { ...common, message, reason, code };
}

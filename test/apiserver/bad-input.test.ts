/** What is refused, with the codes and the words of the original. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask } from "../support/api-request.ts";
import { startTestApiServer } from "../support/api-server.ts";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
beforeAll(async () => {
  server = await startTestApiServer();
  await ask(server.transport, "POST", PODS, pod({}));
});
afterAll(() => server.stop());

const PODS = "/api/v1/namespaces/default/pods";
const RCS = "/api/v1/namespaces/default/replicationcontrollers";
const SERVICES = "/api/v1/namespaces/default/services";
const LEASES = "/apis/coordination.k8s.io/v1/namespaces/default/leases";

function pod(metadata: object, spec: object = {}) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web", ...metadata },
    spec: { containers: [{ name: "web", image: "nginx" }], ...spec },
  };
}

function service(spec: object) {
  const ports = [{ port: 80 }];
  return { apiVersion: "v1", kind: "Service", metadata: { name: "svc" }, spec: { ports, ...spec } };
}

const rc = {
  apiVersion: "v1",
  kind: "ReplicationController",
  metadata: { name: "web" },
  spec: {
    selector: { app: "other" },
    template: {
      metadata: { labels: { app: "web" } },
      spec: { containers: [{ name: "web", image: "nginx" }] },
    },
  },
};

const lease = {
  apiVersion: "coordination.k8s.io/v1",
  kind: "Lease",
  metadata: { name: "held" },
  spec: {},
};

type Case = [
  what: string,
  method: string,
  path: string,
  body: unknown,
  code: number,
  reason: string,
  message: string,
  contentType?: string,
];

const NAME_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

const cases: Case[] = [
  [
    "an unknown field, strictly",
    "POST",
    `${PODS}?fieldValidation=Strict`,
    pod({ name: "a" }, { colour: "red" }),
    400,
    "BadRequest",
    'Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.colour"',
  ],
  [
    "a wrong type",
    "POST",
    PODS,
    pod({ name: "a" }, { hostNetwork: "yes" }),
    400,
    "BadRequest",
    'Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal string into Go struct field PodSpec.spec.hostNetwork of type bool',
  ],
  [
    "a bad name",
    "POST",
    PODS,
    pod({ name: "Web_1" }),
    422,
    "Invalid",
    `Pod "Web_1" is invalid: metadata.name: Invalid value: "Web_1": ${NAME_RULE}`,
  ],
  [
    "no name",
    "POST",
    PODS,
    pod({ name: "" }),
    422,
    "Invalid",
    'Pod "" is invalid: metadata.name: Required value: name or generateName is required',
  ],
  [
    "no containers",
    "POST",
    PODS,
    pod({ name: "a" }, { containers: [] }),
    422,
    "Invalid",
    'Pod "a" is invalid: spec.containers: Required value',
  ],
  [
    "a selector that does not match the template",
    "POST",
    RCS,
    rc,
    422,
    "Invalid",
    'ReplicationController "web" is invalid: spec.template.metadata.labels: Invalid value: map[string]string{"app":"web"}: `selector` does not match template `labels`',
  ],
  [
    "a name that is taken",
    "POST",
    PODS,
    pod({}),
    409,
    "AlreadyExists",
    'pods "web" already exists',
  ],
  [
    "a version that is no longer the newest",
    "PUT",
    `${PODS}/web`,
    pod({ resourceVersion: "1" }),
    409,
    "Conflict",
    'Operation cannot be fulfilled on pods "web": the object has been modified; please apply your changes to the latest version and try again',
  ],
  [
    "no version, for a kind that wants one",
    "PUT",
    `${LEASES}/held`,
    lease,
    422,
    "Invalid",
    'leases.coordination.k8s.io "held" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be specified for an update',
  ],
  [
    "the name of another",
    "PUT",
    `${PODS}/web`,
    pod({ name: "other" }),
    400,
    "BadRequest",
    "the name of the object (other) does not match the name on the URL (web)",
  ],
  [
    "another namespace",
    "POST",
    PODS,
    pod({ namespace: "kube-system" }),
    400,
    "BadRequest",
    "the namespace of the provided object does not match the namespace sent on the request",
  ],
  [
    "a namespace that is not there",
    "POST",
    "/api/v1/namespaces/nowhere/pods",
    pod({}),
    404,
    "NotFound",
    'namespaces "nowhere" not found',
  ],
  [
    "a pod that is not there",
    "GET",
    `${PODS}/none`,
    undefined,
    404,
    "NotFound",
    'pods "none" not found',
  ],
  [
    "an unknown resource",
    "GET",
    "/api/v1/namespaces/default/gadgets",
    undefined,
    404,
    "NotFound",
    "the server could not find the requested resource",
  ],
  [
    "another kind",
    "POST",
    PODS,
    service({}),
    400,
    "BadRequest",
    'Service in version "v1" cannot be handled as a Pod: converting (v1.Service) to (core.Pod): unknown conversion',
  ],
  [
    "malformed JSON",
    "POST",
    PODS,
    '{"kind": "Pod",',
    400,
    "BadRequest",
    'the object provided is unrecognized (must be of type Pod): couldn\'t get version/kind; json parse error: unexpected end of JSON input ({"kind": "Pod",)',
  ],
  [
    "a wrong content type",
    "POST",
    PODS,
    "name=web",
    415,
    "UnsupportedMediaType",
    "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf",
    "application/x-www-form-urlencoded",
  ],
  [
    "a bad label selector",
    "GET",
    `${PODS}?labelSelector=${encodeURIComponent("app in (web")}`,
    undefined,
    400,
    "BadRequest",
    "unable to parse requirement: found '', expected: ',' or ')'",
  ],
  [
    "a field that cannot be selected by",
    "GET",
    `${PODS}?fieldSelector=spec.colour%3Dred`,
    undefined,
    400,
    "BadRequest",
    "field label not supported: spec.colour",
  ],
  [
    "a field selector of a kind that has only names",
    "GET",
    "/api/v1/configmaps?fieldSelector=data%3Dx",
    undefined,
    400,
    "BadRequest",
    '"data" is not a known field selector: only "metadata.name", "metadata.namespace"',
  ],
  [
    "half a field selector",
    "GET",
    `${PODS}?fieldSelector=web`,
    undefined,
    400,
    "BadRequest",
    "invalid selector: 'web'; can't understand 'web'",
  ],
  [
    "a cluster IP out of range",
    "POST",
    SERVICES,
    service({ clusterIP: "192.168.1.1" }),
    422,
    "Invalid",
    'Service "svc" is invalid: spec.clusterIPs: Invalid value: []string{"192.168.1.1"}: failed to allocate IP 192.168.1.1: the provided IP (192.168.1.1) is not in the valid range. The range of valid IPs is 10.254.0.0/16',
  ],
  [
    "a cluster IP that is taken",
    "POST",
    SERVICES,
    service({ clusterIP: "10.254.0.1" }),
    422,
    "Invalid",
    'Service "svc" is invalid: spec.clusterIPs: Invalid value: []string{"10.254.0.1"}: failed to allocate IP 10.254.0.1: provided IP is already allocated',
  ],
  [
    "a node port out of range",
    "POST",
    SERVICES,
    service({ type: "NodePort", ports: [{ port: 80, nodePort: 80 }] }),
    422,
    "Invalid",
    'Service "svc" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
  ],
  [
    "to delete the default namespace",
    "DELETE",
    "/api/v1/namespaces/default",
    undefined,
    403,
    "Forbidden",
    'namespaces "default" is forbidden: this namespace may not be deleted',
  ],
  [
    "to give another name by a patch",
    "PATCH",
    "/api/v1/namespaces/default",
    { metadata: { name: "other" } },
    400,
    "BadRequest",
    "the name of the object (other) does not match the name on the URL (default)",
    "application/merge-patch+json",
  ],
  [
    "to take the name away by a patch",
    "PATCH",
    "/api/v1/namespaces/default",
    { metadata: null },
    400,
    "BadRequest",
    "the name of the object (default based on URL) was undeterminable: name must be provided",
    "application/merge-patch+json",
  ],
  [
    "to move to another namespace by a patch",
    "PATCH",
    "/api/v1/namespaces/default/services/kubernetes",
    { metadata: { namespace: "kube-system" } },
    400,
    "BadRequest",
    "the namespace of the provided object does not match the namespace sent on the request",
    "application/strategic-merge-patch+json",
  ],
  [
    "to list bindings",
    "GET",
    "/api/v1/namespaces/default/bindings",
    undefined,
    405,
    "MethodNotAllowed",
    "the server does not allow this method on the requested resource",
  ],
  [
    "exec in a pod that no node has",
    "POST",
    `${PODS}/web/exec?command=ls`,
    undefined,
    400,
    "BadRequest",
    "pod web does not have a host assigned",
  ],
  [
    "the log of a container that is not there",
    "GET",
    `${PODS}/web/log?container=zip`,
    undefined,
    400,
    "BadRequest",
    "container zip is not valid for pod web",
  ],
  [
    "to bind a pod that is not there",
    "POST",
    `${PODS}/none/binding`,
    { apiVersion: "v1", kind: "Binding", metadata: { name: "none" }, target: { name: "node1" } },
    404,
    "NotFound",
    'pods "none" not found',
  ],
];

describe("the API server refuses", () => {
  test.each(cases)("%s", async (_, method, path, body, code, reason, message, contentType) => {
    if (path.startsWith(LEASES)) await ask(server.transport, "POST", LEASES, lease);
    const headers = contentType === undefined ? {} : { "content-type": contentType };

    const answer = await ask(server.transport, method, path, body, headers);

    expect(answer.json).toMatchObject({
      kind: "Status",
      apiVersion: "v1",
      status: "Failure",
      message,
      reason,
      code,
    });
    expect(answer.status).toBe(code);
  });

  test("malformed YAML", async () => {
    const headers = { "content-type": "application/yaml" };
    const answer = await ask(server.transport, "POST", PODS, "kind: Pod\n\tname: x", headers);
    expect(answer.json).toMatchObject({ code: 400, reason: "BadRequest" });
    expect(answer.json.message).toMatch(
      /^the object provided is unrecognized \(must be of type Pod\): .*yaml/,
    );
  });

  test("a form nobody serves", async () => {
    const headers = { accept: "text/html" };
    const answer = await ask(server.transport, "GET", PODS, undefined, headers);
    expect(answer.status).toBe(406);
    expect(answer.json.message).toBe(
      "only the following media types are accepted: application/json, application/yaml",
    );
  });

  test("a body of ten megabytes", async () => {
    const answer = await ask(server.transport, "POST", PODS, "x".repeat(10 * 1024 * 1024));
    expect(answer.json).toMatchObject({
      code: 413,
      reason: "RequestEntityTooLarge",
      message: "Request entity too large: limit is 3145728",
    });
  });
});

describe("the API server warns", () => {
  test("of an unknown field, where it is not asked to be strict", async () => {
    const answer = await ask(
      server.transport,
      "POST",
      PODS,
      pod({ name: "warned" }, { colour: "red" }),
    );
    expect(answer.status).toBe(201);
    expect(answer.headers.warning).toEqual(['299 - "unknown field \\"spec.colour\\""']);
  });
});

/**
 * How questions to the API server are refused. The originals are the Create functions of pkg/registry/authorization
 * and pkg/registry/authentication, with pkg/apis/authorization/validation: a question has no name, and what was
 * decoded into the internal version no longer says its kind, hence `.authorization.k8s.io "" is invalid`.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask } from "../support/api-request.ts";
import { startTestApiServer } from "../support/api-server.ts";
import { causeOf } from "./invalid-objects/claim.ts";

const GROUP = "authorization.k8s.io";
const READS = { namespace: "default", verb: "get", resource: "pods" };
const URL = { path: "/x", verb: "get" };
const SHOWN_URL = 'authorization.NonResourceAttributes{Path:"/x", Verb:"get"}';

// ValidateSubjectAccessReviewSpec, ValidateSelfSubjectAccessReviewSpec
const NEITHER =
  'spec.resourceAttributes: Invalid value: "null": exactly one of nonResourceAttributes or resourceAttributes must be specified';
const BOTH = `spec.nonResourceAttributes: Invalid value: ${SHOWN_URL}: cannot be specified in combination with resourceAttributes`;
const NOBODY = 'spec.user: Invalid value: "": at least one of user or group must be specified';
// ValidateLocalSubjectAccessReview
const ELSEWHERE =
  'spec.resourceAttributes.namespace: Invalid value: "other": must match metadata.namespace';
const NO_URL = `spec.nonResourceAttributes: Invalid value: ${SHOWN_URL}: disallowed on this kind of request`;

/** ValidateSubjectAccessReview: the metadata is shown as Go prints the whole of it. */
function metadata(name: string, labels: string): string {
  const time =
    "time.Date(1, time.January, 1, 0, 0, 0, 0, time.UTC), DeletionTimestamp:<nil>, DeletionGracePeriodSeconds:(*int64)(nil)";
  const meta = `v1.ObjectMeta{Name:"${name}", GenerateName:"", Namespace:"", SelfLink:"", UID:"", ResourceVersion:"", Generation:0, CreationTimestamp:${time}, Labels:${labels}, Annotations:map[string]string(nil), OwnerReferences:[]v1.OwnerReference(nil), Finalizers:[]string(nil), ManagedFields:[]v1.ManagedFieldsEntry(nil)}`;
  return `metadata: Invalid value: ${meta}: must be empty`;
}

const wrong: [kind: string, changes: object, causes: string[]][] = [
  ["SubjectAccessReview", { spec: { user: "jane" } }, [NEITHER]],
  ["SubjectAccessReview", { spec: { resourceAttributes: READS } }, [NOBODY]],
  ["SubjectAccessReview", { spec: {} }, [NEITHER, NOBODY]],
  ["SubjectAccessReview", {}, [NEITHER, NOBODY]],
  [
    "SubjectAccessReview",
    { spec: { user: "jane", resourceAttributes: READS, nonResourceAttributes: URL } },
    [BOTH],
  ],
  [
    "SubjectAccessReview",
    { spec: { groups: [], resourceAttributes: READS, nonResourceAttributes: URL } },
    [BOTH, NOBODY],
  ],
  [
    "SubjectAccessReview",
    { metadata: { name: "asked" }, spec: { user: "jane", resourceAttributes: READS } },
    [metadata("asked", "map[string]string(nil)")],
  ],
  [
    "SubjectAccessReview",
    { metadata: { labels: { a: "b" } }, spec: { user: "jane", resourceAttributes: READS } },
    [metadata("", 'map[string]string{"a":"b"}')],
  ],
  ["SelfSubjectAccessReview", { spec: {} }, [NEITHER]],
  [
    "SelfSubjectAccessReview",
    { spec: { resourceAttributes: READS, nonResourceAttributes: URL } },
    [BOTH],
  ],
  [
    "SelfSubjectAccessReview",
    { metadata: { name: "asked" }, spec: { nonResourceAttributes: URL } },
    [metadata("asked", "map[string]string(nil)")],
  ],
  ["LocalSubjectAccessReview", { spec: { user: "jane", nonResourceAttributes: URL } }, [NO_URL]],
  [
    "LocalSubjectAccessReview",
    { spec: { user: "jane", resourceAttributes: { ...READS, namespace: "other" } } },
    [ELSEWHERE],
  ],
  [
    "LocalSubjectAccessReview",
    { spec: { resourceAttributes: READS, nonResourceAttributes: URL } },
    [BOTH, NOBODY, NO_URL],
  ],
];

const isLocal = (kind: string) => kind.startsWith("Local");

let server: Awaited<ReturnType<typeof startTestApiServer>>;
beforeAll(async () => {
  server = await startTestApiServer();
});
afterAll(() => server.stop());

function askOf(group: string, kind: string, object: object) {
  const place = isLocal(kind) ? "namespaces/default/" : "";
  const path = `/apis/${group}/v1/${place}${kind.toLowerCase()}s`;
  return ask(server.transport, "POST", path, { apiVersion: `${group}/v1`, kind, ...object });
}

test.each(wrong.map((row) => [row[0], row[2].join(" | "), ...row.slice(1)] as const))(
  "a %s is refused: %s",
  async (kind, _, changes, causes) => {
    const { json } = await askOf(GROUP, kind, changes as object);
    const said = causes as string[];
    const all = said.length === 1 ? said[0] : `[${said.join(", ")}]`;
    expect(json).toEqual({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: `.${GROUP} "" is invalid: ${all}`,
      reason: "Invalid",
      details: { group: GROUP, causes: said.map(causeOf) },
      code: 422,
    });
  },
);

const bad: [kind: string, group: string, object: object, message: string][] = [
  // pkg/registry/authentication/tokenreview: REST.Create
  [
    "TokenReview",
    "authentication.k8s.io",
    { spec: {} },
    "token is required for TokenReview in authentication",
  ],
  // pkg/registry/authorization/selfsubjectrulesreview: REST.Create
  ["SelfSubjectRulesReview", GROUP, { spec: {} }, "no namespace on request"],
  // rest.EnsureObjectNamespaceMatchesRequestNamespace
  [
    "LocalSubjectAccessReview",
    GROUP,
    { metadata: { namespace: "other" }, spec: { user: "jane", resourceAttributes: READS } },
    "the namespace of the provided object does not match the namespace sent on the request",
  ],
];

test.each(bad)("a %s of %s is a bad request", async (kind, group, object, message) => {
  const { json } = await askOf(group, kind, object);
  expect(json).toEqual({
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message,
    reason: "BadRequest",
    code: 400,
  });
});

// rest.EnsureObjectNamespaceMatchesRequestNamespace: where there are no namespaces, the object's is cleared.
test("a question without namespace may name one", async () => {
  const object = {
    metadata: { namespace: "other" },
    spec: { user: "jane", resourceAttributes: READS },
  };
  expect((await askOf(GROUP, "SubjectAccessReview", object)).status).toBe(201);
});

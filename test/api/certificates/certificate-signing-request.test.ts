import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CertificateSigningRequest } from "../../../src/api/certificates/certificate-signing-request.ts";
import { signerNameErrors } from "../../../src/api/certificates/signer-name.ts";
import { wordingOf } from "../../../src/api/field-error.ts";
import type { Authorizer } from "../../../src/apiserver/authorize.ts";
import { ask } from "../../support/api-request.ts";
import { startTestApiServer } from "../../support/api-server.ts";
import { certificateRequest } from "../../support/certificate-request.ts";

const COLLECTION = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
const { spec } = CertificateSigningRequest.example;
/** Whoever calls himself "guest" may neither approve nor sign, but at example.org. */
const authorizer: Authorizer = ({ name }, { resource, name: signer }) => {
  const mayNot = name === "guest" && resource === "signers" && signer !== "example.org/*";
  return mayNot ? { allowed: false, reason: "" } : { allowed: true };
};
const tokens = new Map([["guest-token", { name: "guest", groups: ["visitors"] }]]);
const GUEST = { authorization: "Bearer guest-token" };

let server: Awaited<ReturnType<typeof startTestApiServer>>;
beforeAll(async () => {
  server = await startTestApiServer({ authorizer, tokens });
});
afterAll(() => server.stop());

let count = 0;
const create = async (more: object = {}, headers = {}) => {
  const metadata = { name: `request-${++count}` };
  const body = { metadata, spec: { ...spec, ...more }, status: { certificate: "eA==" } };
  return (await ask(server.transport, "POST", COLLECTION, body, headers)).json;
};
const put = async (request: { metadata: { name: string } }, door: string, headers = {}) => {
  const path = `${COLLECTION}/${request.metadata.name}${door && `/${door}`}`;
  return (await ask(server.transport, "PUT", path, request, headers)).json;
};
const approved = { type: "Approved", status: "True", reason: "Test" };
const denied = { ...approved, type: "Denied" };
const invalid = 'CertificateSigningRequest.certificates.k8s.io "request-';

describe("a CertificateSigningRequest", () => {
  test("tells who asked, whatever it says itself, and is undecided", async () => {
    const lie = { username: "root", groups: ["system:masters"], uid: "0", extra: { a: ["b"] } };
    const made = await create(lie, GUEST);

    expect(made.spec).toEqual({
      ...spec,
      username: "guest",
      groups: ["visitors", "system:authenticated"],
    });
    expect(made.status).toEqual({});
  });

  test.each([
    ["usages", { usages: [] }, "spec.usages: Required value"],
    ["a signer", { signerName: "" }, "spec.signerName: Required value"],
    [
      "a signer of our time",
      { signerName: "kubernetes.io/legacy-unknown" },
      'spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version',
    ],
    [
      "ten minutes",
      { expirationSeconds: 599 },
      "spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 600 seconds (10 minutes)",
    ],
    ["each usage once", { usages: ["any", "any"] }, 'spec.usages[1]: Duplicate value: "any"'],
    [
      "a request",
      { request: Buffer.from("no").toString("base64") },
      "spec.request: Invalid value: []byte{0x6e, 0x6f}: PEM block type must be CERTIFICATE REQUEST",
    ],
  ])("needs %s", async (_, more, message) => {
    const refused = await create(more);
    expect(refused).toMatchObject({ code: 422, reason: "Invalid" });
    expect(refused.message).toBe(`${invalid}${count}" is invalid: ${message}`);
  });

  test("needs usages that there are", async () => {
    expect((await create({ usages: ["fly"] })).message).toMatch(
      /spec.usages\[0\]: Unsupported value: "fly": supported values: "any", "cert sign", .*, "timestamping"$/,
    );
  });

  test("needs the key of the request", async () => {
    const pem = Buffer.from(await certificateRequest("CN=jane"), "base64").toString();
    const [head, first, ...rest] = pem.split("\n");
    const forged = [head, first!.replace(/.$/, (letter) => (letter === "A" ? "B" : "A")), ...rest];
    const request = Buffer.from(forged.join("\n")).toString("base64");
    expect((await create({ request })).code).toBe(422);
  });

  test("never changes what it asks for", async () => {
    const made = await create();
    const changed = await put({ ...made, spec: { ...made.spec, usages: ["any"] } }, "");
    expect(changed.spec).toEqual(made.spec);
  });

  test("is decided through its own door, once, for good", async () => {
    const made = await create();
    const past = await put({ ...made, status: { conditions: [approved] } }, "status");
    expect(past.message).toContain(
      'status.conditions: Forbidden: updates may not add a condition of type "Approved"',
    );
    const decided = await put({ ...made, status: { conditions: [approved] } }, "approval");
    expect(decided.status.conditions).toEqual([
      {
        ...approved,
        lastUpdateTime: "2014-06-06T00:00:00Z",
        lastTransitionTime: "2014-06-06T00:00:00Z",
      },
    ]);
    const both = await put({ ...decided, status: { conditions: [approved, denied] } }, "approval");
    expect(both.message).toContain(
      'status.conditions[1].type: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive',
    );
    const back = await put({ ...decided, status: { conditions: [] } }, "approval");
    expect(back.message).toContain('updates may not remove a condition of type "Approved"');
    const not = { ...approved, status: "False" };
    const undone = await put({ ...decided, status: { conditions: [not] } }, "approval");
    expect(undone.message).toContain(
      'status.conditions[0].status: Unsupported value: "False": supported values: "True"',
    );
  });

  test("takes no certificate that is none", async () => {
    const made = await create();
    const refused = await put({ ...made, status: { certificate: "eA==" } }, "status");
    expect(refused.message).toContain(
      'status.certificate: Invalid value: "<certificate data>": must contain at least one CERTIFICATE PEM block',
    );
  });
});

describe("admission", () => {
  test("asks who approves and who signs, signer by signer", async () => {
    const made = await create();
    const approval = await put({ ...made, status: { conditions: [approved] } }, "approval", GUEST);
    expect(approval).toMatchObject({
      code: 403,
      message: `certificatesigningrequests.certificates.k8s.io "${made.metadata.name}" is forbidden: user not permitted to approve requests with signerName "example.com/signer"`,
    });
    const failed = { ...approved, type: "Failed" };
    const signing = await put({ ...made, status: { conditions: [failed] } }, "status", GUEST);
    expect(signing.message).toContain(
      'user not permitted to sign requests with signerName "example.com/signer"',
    );
    const own = await create({ signerName: "example.org/own" });
    const allowed = await put({ ...own, status: { conditions: [approved] } }, "approval", GUEST);
    expect(allowed.status.conditions).toHaveLength(1);
  });

  test("lets no client certificate make an administrator", async () => {
    const request = await certificateRequest("O=system:masters, CN=jane");
    const signerName = "kubernetes.io/kube-apiserver-client";
    expect((await create({ request, signerName })).message).toBe(
      `certificatesigningrequests.certificates.k8s.io "request-${count}" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed`,
    );
  });
});

describe("the name of a signer", () => {
  test.each([
    [
      "nobody",
      "s: Invalid value: \"nobody\": must be a fully qualified domain and path of the form 'example.com/signer-name'",
    ],
    [
      "com/x",
      's: Invalid value: "com": should be a domain with at least two segments separated by dots',
    ],
    ["a.B/x", /^s: Invalid value: "a\.B": validating label "B": a lowercase RFC 1123 label must/],
    ["a.b/X", /^s: Invalid value: "X": validating label "X": a lowercase RFC 1123 subdomain must/],
  ])("cannot be %s", (name, wording) => {
    const [error, ...more] = signerNameErrors("s", name).map(wordingOf);
    expect(more).toEqual([]);
    if (typeof wording === "string") expect(error).toBe(wording);
    else expect(error).toMatch(wording);
  });
});

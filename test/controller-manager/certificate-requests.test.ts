import { X509Certificate } from "node:crypto";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  CertificateSigningRequest,
  type CertificateSigningRequest as Request,
} from "../../src/api/certificates/certificate-signing-request.ts";
import type { Authorizer } from "../../src/apiserver/authorize.ts";
import { issueCertificate, type KeyPair } from "../../src/component/certificate.ts";
import { seededRandom } from "../../src/component/random.ts";
import { csrApprovingController } from "../../src/controller-manager/csr-approving.ts";
import { csrCleanerController } from "../../src/controller-manager/csr-cleaner.ts";
import { csrSigningController, lifeOf } from "../../src/controller-manager/csr-signing.ts";
import { certificateRequest } from "../support/certificate-request.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { conflictOnEveryWrite } from "../support/faulty-transport.ts";
import { privateKeyPem } from "../support/signing-keys.ts";
import { TestClock } from "../support/test-clock.ts";

const CLIENT = "kubernetes.io/kube-apiserver-client";
const KUBELET = "kubernetes.io/kube-apiserver-client-kubelet";
const SERVING = "kubernetes.io/kubelet-serving";
const NODE = "O=system:nodes, CN=system:node:node1";
const USAGES = ["digital signature", "client auth"];
const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;

let authority: KeyPair;
let pems: { node: string; jane: string; server: string };
beforeAll(async () => {
  const surroundings = { clock: new TestClock(), random: seededRandom(1) };
  const request = { subject: "CN=test-ca", purpose: "authority", validMs: YEAR_MS } as const;
  authority = await issueCertificate(request, surroundings);
  pems = {
    node: await certificateRequest(NODE),
    jane: await certificateRequest("O=dev, CN=jane"),
    server: await certificateRequest(NODE, ["node1.example.com"]),
  };
});

let cluster: Cluster;
afterEach(() => cluster.stop());

const start = async (authorizer?: Authorizer) => {
  cluster = await startCluster({
    controllers: [
      csrApprovingController,
      csrSigningController({ authority, durationMs: YEAR_MS / 2 }),
      csrCleanerController,
    ],
    server: authorizer === undefined ? {} : { authorizer },
  });
};
const ask = async (spec: Partial<Request["spec"]> = {}) => {
  await cluster.client.create(CertificateSigningRequest, "", {
    metadata: { name: "one" },
    spec: { request: pems.node, signerName: KUBELET, usages: USAGES, ...spec },
  });
  await cluster.settle();
};
const get = () => cluster.client.get(CertificateSigningRequest, "", "one");
const decide = async (type: string) => {
  const request = await get();
  const conditions = [{ type, status: "True", reason: "Test" }];
  await cluster.client.update(
    CertificateSigningRequest,
    { ...request, status: { ...request.status, conditions } },
    "approval",
  );
  await cluster.settle();
};
const certificateOf = ({ status }: Request) =>
  new X509Certificate(Buffer.from(status?.certificate ?? "", "base64"));

describe("a kubelet's request for a client certificate", () => {
  test("is approved and signed, though every write meets a conflict", async () => {
    await start();
    cluster.network.fault = conflictOnEveryWrite();
    await ask();

    const { status } = await get();

    expect(status?.conditions).toEqual([
      {
        type: "Approved",
        status: "True",
        reason: "AutoApproved",
        message: "Auto approving kubelet client certificate after SubjectAccessReview.",
        lastUpdateTime: "2014-06-06T00:00:00Z",
        lastTransitionTime: "2014-06-06T00:00:00Z",
      },
    ]);
    const certificate = certificateOf(await get());
    expect(certificate.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
    expect(certificate.subject.split("\n").toSorted()).toEqual([
      "CN=system:node:node1",
      "O=system:nodes",
    ]);
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
    expect(certificate.ca).toBe(false);
    const [from, to] = [certificate.validFrom, certificate.validTo].map(Date.parse);
    expect(to! - from!).toBe(YEAR_MS / 2);
  });

  test("waits for somebody where whoever asks may not ask for it", async () => {
    const reviewed: string[] = [];
    await start((_, { group, resource, subresource, verb }) => {
      if (subresource !== "nodeclient" && subresource !== "selfnodeclient") {
        return { allowed: true };
      }
      reviewed.push([verb, group, resource, subresource].join(" "));
      return { allowed: false, reason: "" };
    });
    await ask();

    expect((await get()).status?.conditions).toBeUndefined();
    expect(reviewed).toContain("create certificates.k8s.io certificatesigningrequests nodeclient");
  });

  test.each<[string, Partial<Request["spec"]>]>([
    ["another signer", { signerName: CLIENT }],
    ["another subject", { request: "jane" }],
    ["other usages", { usages: ["server auth"] }],
  ])("is not recognized with %s", async (_, { request, ...spec }) => {
    await start();
    await ask({ ...spec, ...(request && { request: pems.jane }) });
    expect((await get()).status?.conditions).toBeUndefined();
  });
});

describe("the signer", () => {
  test("signs nothing before it is approved, and nothing that is denied", async () => {
    await start();
    await ask({ request: pems.jane, signerName: CLIENT });
    expect((await get()).status?.certificate).toBeUndefined();
    await decide("Denied");
    expect((await get()).status?.certificate).toBeUndefined();
  });

  test.each([
    [
      "a client's certificate for a server",
      { request: "jane", signerName: CLIENT, usages: ["server auth"] },
      "invalid usage for client certificate: server auth",
    ],
    [
      "a client's certificate for nothing",
      { request: "jane", signerName: CLIENT, usages: ["digital signature"] },
      "missing required usage for client certificate: client auth",
    ],
    [
      "a kubelet's certificate for a user",
      { request: "jane", signerName: SERVING, usages: ["server auth"] },
      "subject organization is not system:nodes",
    ],
    [
      "a server's certificate without a name",
      { request: "node", signerName: SERVING, usages: ["digital signature", "server auth"] },
      "DNS or IP subjectAltName is required",
    ],
  ])("says why it does not sign %s", async (_, { request, ...spec }, message) => {
    await start();
    await ask({ ...spec, request: pems[request as keyof typeof pems] });
    await decide("Approved");

    const { status } = await get();

    expect(status?.certificate).toBeUndefined();
    expect(status?.conditions?.[1]).toMatchObject({
      type: "Failed",
      status: "True",
      reason: "SignerValidationFailure",
      message,
    });
  });

  test("keeps the names of a server", async () => {
    await start();
    await ask({
      request: pems.server,
      signerName: SERVING,
      usages: ["digital signature", "server auth"],
    });
    await decide("Approved");
    expect(certificateOf(await get()).subjectAltName).toBe("DNS:node1.example.com");
  });

  test("leaves the signers of others alone", async () => {
    await start();
    await ask({ signerName: "example.com/own" });
    await decide("Approved");
    expect(Object.keys((await get()).status ?? {})).toEqual(["conditions"]);
  });

  test("may have an RSA key", async () => {
    const { signRequest } = await import("../../src/component/request-signing.ts");
    const { loadRequestReader, readPemRequest } = await import(
      "../../src/api/certificates/pem-request.ts"
    );
    await start();
    await loadRequestReader();
    const pair = { certificate: authority.certificate, key: privateKeyPem("rsa") };
    const wish = { ...readPemRequest(pems.jane), usages: USAGES, validMs: HOUR_MS };
    const signed = new X509Certificate(await signRequest(wish, pair, cluster.context));
    expect(signed.toLegacyObject().serialNumber.length).toBe(32);
    expect(Date.parse(signed.validTo) - cluster.clock.now().getTime()).toBe(HOUR_MS);
  });

  test.each([
    [undefined, YEAR_MS],
    [600, 600_000],
    [10, 600_000],
    [1e9, YEAR_MS],
  ])("gives who asks for %s seconds %d ms", (asked, given) => {
    expect(lifeOf(asked, YEAR_MS)).toBe(given);
  });
});

describe("the cleaner", () => {
  test.each([
    ["that nobody looked at goes after a day", undefined, 24],
    ["that was denied goes after an hour", "Denied", 1],
    ["that was signed goes after an hour", "Approved", 1],
  ])("a request %s", async (_, decision, hours) => {
    await start();
    await ask({ request: pems.jane, signerName: CLIENT });
    if (decision !== undefined) await decide(decision);

    await cluster.pass(hours * HOUR_MS - 60_000, hours * HOUR_MS);
    await get();
    await cluster.pass(120_000, 120_000);

    await expect(get()).rejects.toThrow(
      'certificatesigningrequests.certificates.k8s.io "one" not found',
    );
  });
});

describe("signers with authorities of their own", () => {
  test("sign each with its own, and one that has none does not sign", async () => {
    const own = await issueCertificate(
      { subject: "CN=kubelet-ca", purpose: "authority", validMs: YEAR_MS },
      { clock: new TestClock(), random: seededRandom(2) },
    );
    const authorities = { [KUBELET]: own };
    cluster = await startCluster({ controllers: [csrSigningController({ authorities })] });
    await ask();
    await decide("Approved");
    expect(certificateOf(await get()).issuer).toBe("CN=kubelet-ca");
    await cluster.client.delete(CertificateSigningRequest, "", "one");
    await ask({ request: pems.jane, signerName: CLIENT });
    await decide("Approved");
    expect((await get()).status!.certificate).toBeUndefined();
  });
});

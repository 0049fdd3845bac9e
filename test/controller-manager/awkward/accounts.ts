/** The controllers of accounts, tokens, certificates and roles. */
import { CertificateSigningRequest } from "../../../src/api/certificates/certificate-signing-request.ts";
import { ConfigMap } from "../../../src/api/config-map.ts";
import type { Kind } from "../../../src/api/kind.ts";
import { Namespace } from "../../../src/api/namespace.ts";
import { ClusterRole } from "../../../src/api/rbac/cluster-role.ts";
import { Secret } from "../../../src/api/secret.ts";
import { ServiceAccount } from "../../../src/api/service-account.ts";
import { issueCertificate } from "../../../src/component/certificate.ts";
import { seededRandom } from "../../../src/component/random.ts";
import { certificateRequest } from "../../support/certificate-request.ts";
import { signingKey } from "../../support/signing-keys.ts";
import { TestClock } from "../../support/test-clock.ts";
import type { AwkwardCase, Lab } from "./lab.ts";

const HOUR_MS = 3_600_000;
const AUTHORITY = "the authority";
const NODE = "O=system:nodes, CN=system:node:node1";
const signerName = "kubernetes.io/kube-apiserver-client-kubelet";
const authority = await issueCertificate(
  { subject: "CN=test-ca", purpose: "authority", validMs: 1000 * HOUR_MS },
  { clock: new TestClock(), random: seededRandom(1) },
);
const request = await certificateRequest(NODE);

const shop = { kind: Namespace as unknown as Kind, namespace: "", name: "shop" };
const csr = { kind: CertificateSigningRequest as unknown as Kind, namespace: "", name: "node1" };

async function askForCertificate(lab: Lab): Promise<void> {
  await lab.make({ spec: { request, signerName, usages: ["digital signature", "client auth"] } });
}

async function approve(lab: Lab): Promise<void> {
  const found = (await lab.find(CertificateSigningRequest))!;
  const conditions = [{ type: "Approved", status: "True", reason: "Test" }];
  await lab.cluster.client.update(
    CertificateSigningRequest,
    { ...found, status: { ...found.status, conditions } },
    "approval",
  );
}

/** A token for nodes that want to join; with an end, or without. */
async function makeToken(lab: Lab, more: Record<string, string> = {}): Promise<void> {
  const text = { "token-id": "abcdef", "token-secret": "0123456789abcdef", ...more };
  const encoded = Object.entries(text).map(([key, value]) => [
    key,
    Buffer.from(value).toString("base64"),
  ]);
  await lab.create(Secret, "kube-system", {
    metadata: { name: "bootstrap-token-abcdef" },
    type: "bootstrap.kubernetes.io/token",
    data: Object.fromEntries(encoded),
  });
}

export const accountCases: AwkwardCase[] = [
  {
    controller: "serviceaccount-controller",
    subject: { kind: ServiceAccount as unknown as Kind, namespace: "default", name: "default" },
    // It makes this one itself.
    make: async (lab) => lab.delete(),
    result: (lab) => lab.names(ServiceAccount).then((names) => new Set(names)),
    expected: new Set(["default"]),
  },
  {
    controller: "root-ca-certificate-publisher-controller",
    also: ["namespace-controller"],
    options: { rootCa: AUTHORITY },
    subject: shop,
    make: (lab) => lab.make({ spec: {} }),
    result: async (lab) => (await lab.find(ConfigMap, "kube-root-ca.crt", "shop"))?.data,
    expected: { "ca.crt": AUTHORITY },
  },
  {
    controller: "serviceaccount-token-controller",
    options: { accountTokens: { key: signingKey(), rootCa: AUTHORITY } },
    subject: { kind: Secret as unknown as Kind, namespace: "default", name: "robot-token" },
    prepare: (lab) =>
      lab.create(ServiceAccount, "default", { metadata: { name: "robot" } }).then(() => undefined),
    make: (lab) => {
      const annotations = { "kubernetes.io/service-account.name": "robot" };
      return lab.make({ metadata: { annotations }, type: "kubernetes.io/service-account-token" });
    },
    result: async (lab) => Object.keys((await lab.find(Secret))?.data ?? {}).sort(),
    expected: ["ca.crt", "namespace", "token"],
  },
  {
    controller: "bootstrap-signer-controller",
    subject: { kind: ConfigMap as unknown as Kind, namespace: "kube-public", name: "cluster-info" },
    prepare: (lab) => makeToken(lab, { "usage-bootstrap-signing": "true" }),
    make: (lab) => lab.make({ data: { kubeconfig: "kind: Config\n" } }),
    result: async (lab) => Object.keys((await lab.find(ConfigMap))?.data ?? {}).sort(),
    expected: ["jws-kubeconfig-abcdef", "kubeconfig"],
  },
  {
    controller: "token-cleaner-controller",
    subject: {
      kind: Secret as unknown as Kind,
      namespace: "kube-system",
      name: "bootstrap-token-abcdef",
    },
    make: (lab) => {
      const end = lab.cluster.clock.now().getTime() + HOUR_MS / 2;
      return makeToken(lab, { expiration: new Date(end).toISOString() });
    },
    takesMs: HOUR_MS,
    result: (lab) => lab.find(Secret),
    expected: undefined,
  },
  {
    controller: "certificatesigningrequest-approving-controller",
    subject: csr,
    make: askForCertificate,
    result: async (lab) =>
      (await lab.find(CertificateSigningRequest))?.status?.conditions?.map(({ type }) => type),
    expected: ["Approved"],
  },
  {
    controller: "certificatesigningrequest-signing-controller",
    options: { csrSigning: { authority } },
    subject: csr,
    async make(lab) {
      await askForCertificate(lab);
      await approve(lab);
    },
    result: async (lab) =>
      (await lab.find(CertificateSigningRequest))?.status?.certificate !== undefined,
    expected: true,
  },
  {
    controller: "certificatesigningrequest-cleaner-controller",
    subject: csr,
    async make(lab) {
      await askForCertificate(lab);
      await approve(lab);
      const { conditions = [] } = (await lab.find(CertificateSigningRequest))!.status ?? {};
      await lab.patchStatus(CertificateSigningRequest, "", "node1", {
        conditions,
        certificate: Buffer.from(authority.certificate).toString("base64"),
      });
    },
    takesMs: 2 * HOUR_MS,
    result: (lab) => lab.names(CertificateSigningRequest),
    expected: [],
  },
  {
    controller: "clusterrole-aggregation-controller",
    subject: { kind: ClusterRole as unknown as Kind, namespace: "", name: "whole" },
    async prepare(lab) {
      const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }];
      await lab.create(ClusterRole, "", {
        metadata: { name: "part", labels: { of: "whole" } },
        rules,
      });
    },
    make: (lab) =>
      lab.make({ aggregationRule: { clusterRoleSelectors: [{ matchLabels: { of: "whole" } }] } }),
    result: async (lab) => (await lab.find(ClusterRole))?.rules?.length,
    expected: 1,
  },
];

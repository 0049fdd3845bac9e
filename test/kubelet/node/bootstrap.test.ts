/** How a machine becomes a node of a cluster in this process, and stays one: over TLS, under Node and RBAC. */
import { X509Certificate } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  CertificateSigningRequest,
  type CertificateSigningRequest as Request,
} from "../../../src/api/certificates/certificate-signing-request.ts";
import { ClusterRoleBinding } from "../../../src/api/rbac/cluster-role-binding.ts";
import { Secret } from "../../../src/api/secret.ts";
import { Client } from "../../../src/client/client.ts";
import { connect } from "../../../src/client/kubeconfig.ts";
import { systemClock } from "../../../src/component/clock.ts";
import { silentLog } from "../../../src/component/log.ts";
import { seededRandom } from "../../../src/component/random.ts";
import { bootstrapNode } from "../../../src/kubelet/node/bootstrap.ts";
import { renewable, renewCertificate } from "../../../src/kubelet/node/certificate-renewal.ts";
import { checkStore } from "../../../src/kubelet/node/certificate-store.ts";
import { eventually } from "../../support/eventually.ts";
import { TestClock } from "../../support/test-clock.ts";
import { startWholeCluster, type WholeCluster } from "../../support/whole-cluster.ts";

const RBAC = "rbac.authorization.k8s.io";
const PREFIX = "system:certificates.k8s.io:certificatesigningrequests:";
const NODE_CLIENT = `${PREFIX}nodeclient`;
const DAY_MS = 86_400_000;

let cluster: WholeCluster;
let bootstrapKubeconfig: string;
beforeAll(async () => {
  cluster = await startWholeCluster({ nodes: 0 });
  bootstrapKubeconfig = join(cluster.directory, "bootstrap-kubeconfig");
  await layToken();
  writeFileSync(bootstrapKubeconfig, kubeconfigOf("abcdef.0123456789abcdef"));
  await give("system:bootstrappers", "system:node-bootstrapper");
  await give("system:bootstrappers", NODE_CLIENT);
  await give("system:nodes", `${PREFIX}selfnodeclient`);
  await approverHears(true);
});
afterAll(() => cluster?.stop());

async function layToken(): Promise<void> {
  const data = {
    ...{ "token-id": "abcdef", "token-secret": "0123456789abcdef" },
    "usage-bootstrap-authentication": "true",
  };
  const encoded = Object.entries(data).map(([key, text]) => [key, btoa(text)]);
  await cluster.client.create(Secret, "kube-system", {
    metadata: { name: "bootstrap-token-abcdef" },
    type: "bootstrap.kubernetes.io/token",
    data: Object.fromEntries(encoded),
  });
}

/** As kubeadm gives it. */
async function give(group: string, role: string): Promise<void> {
  await cluster.client.create(ClusterRoleBinding, "", {
    metadata: { name: `${group}-${role}` },
    roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: role },
    subjects: [{ kind: "Group", apiGroup: RBAC, name: group }],
  });
}

function kubeconfigOf(token: string): string {
  const { secureServer, certificates } = cluster;
  const data = Buffer.from(certificates.ca.certificate).toString("base64");
  return JSON.stringify({
    ...{ apiVersion: "v1", kind: "Config", "current-context": "it" },
    clusters: [
      { name: "it", cluster: { server: secureServer, "certificate-authority-data": data } },
    ],
    users: [{ name: "it", user: { token } }],
    contexts: [{ name: "it", context: { cluster: "it", user: "it" } }],
  });
}

const contextOf = (signal: AbortSignal) => ({
  ...{ clock: systemClock, random: seededRandom(1), log: silentLog, signal },
});
/** A machine of that name: where it keeps what it has. */
function machine(nodeName: string) {
  const directory = join(cluster.directory, nodeName);
  const kubeconfig = join(directory, "kubeconfig");
  const options = { kubeconfig, bootstrapKubeconfig, directory, nodeName };
  return {
    ...{ directory, kubeconfig },
    link: () => readlinkSync(join(directory, "kubelet-client-current.pem")),
    join: (signal = new AbortController().signal, others: Partial<typeof options> = {}) =>
      bootstrapNode({ ...options, ...others }, contextOf(signal)),
  };
}
const requests = async () => (await cluster.client.list(CertificateSigningRequest)).items;
const whoIs = async (kubeconfig: string) => {
  const connection = connect({ kubeconfig });
  try {
    const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
    const client = new Client(connection.transport, connection.headers);
    const { status } = await client.raw<{ status: { userInfo: object } }>("POST", path, review);
    return status.userInfo;
  } finally {
    connection.close();
  }
};
const forget = async () => {
  for (const { metadata } of await requests()) {
    await cluster.client.delete(CertificateSigningRequest, "", metadata.name);
  }
};
const decide = async ({ metadata: { name } }: Request, type: string) => {
  const request = await cluster.client.get(CertificateSigningRequest, "", name);
  const conditions = [{ type, status: "True", reason: "Test", message: "because" }];
  await cluster.client.update(
    CertificateSigningRequest,
    { ...request, status: { ...request.status, conditions } },
    "approval",
  );
};
/** From here to the end of the test a human being decides. */
const decideByHand = async () => {
  isByHand = true;
  await cluster.client.delete(ClusterRoleBinding, "", `system:bootstrappers-${NODE_CLIENT}`);
  await approverHears(false);
};
let isByHand = false;
afterEach(async () => {
  await forget();
  if (isByHand) await give("system:bootstrappers", NODE_CLIENT);
  isByHand = false;
  await approverHears(true);
});

/** Until the authorizer, whom the approver asks, knows what has been given or taken. */
const approverHears = (allowed: boolean) =>
  eventually(async () => {
    const resourceAttributes = {
      ...{ group: "certificates.k8s.io", resource: "certificatesigningrequests" },
      ...{ subresource: "nodeclient", verb: "create" },
    };
    const review = {
      ...{ apiVersion: "authorization.k8s.io/v1", kind: "SubjectAccessReview" },
      spec: { user: "new", groups: ["system:bootstrappers"], resourceAttributes },
    };
    const path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
    expect(await cluster.client.raw("POST", path, review)).toMatchObject({ status: { allowed } });
  });

describe("a new node", () => {
  test("gets a certificate for its bootstrap token, and is known by it from then on", async () => {
    const node = machine("worker1");
    await node.join();

    expect(await whoIs(node.kubeconfig)).toEqual({
      username: "system:node:worker1",
      groups: ["system:nodes", "system:authenticated"],
    });
    const [request, ...more] = await requests();
    expect(more).toEqual([]);
    expect(request!.metadata.name).toMatch(/^node-csr-[\w-]{43}$/);
    expect(request!.spec).toMatchObject({
      username: "system:bootstrap:abcdef",
      signerName: "kubernetes.io/kube-apiserver-client-kubelet",
      usages: ["digital signature", "client auth"],
    });
    expect(request!.status!.conditions).toMatchObject([
      { type: "Approved", reason: "AutoApproved" },
    ]);
    const names = readdirSync(node.directory).map((name) => name.replace(/-[\d-]{19}\./, "-TIME."));
    expect(names.toSorted()).toEqual([
      ...["kubeconfig", "kubelet-client-TIME.pem", "kubelet-client-current.pem"],
    ]);

    const before = readFileSync(node.kubeconfig, "utf8");
    await node.join();
    expect(await requests()).toHaveLength(1);
    expect(readFileSync(node.kubeconfig, "utf8")).toBe(before);
  });

  test("that is started again while it waits asks the same, and no more than once", async () => {
    await decideByHand();
    const node = machine("worker2");
    const first = new AbortController();
    const waiting = node.join(first.signal).catch((error: Error) => error.message);
    await eventually(async () => expect(await requests()).toHaveLength(1));
    first.abort(new Error("switched off"));
    expect(await waiting).toBe("switched off");

    const second = node.join();
    const [request] = await requests();
    await decide(request!, "Approved");
    await second;
    expect(await requests()).toHaveLength(1);
    expect(await whoIs(node.kubeconfig)).toMatchObject({ username: "system:node:worker2" });
  });

  test("that is denied says so", async () => {
    await decideByHand();
    const waiting = machine("worker3")
      .join()
      .catch((error: Error) => error.message);
    const [request] = await eventually(async () => {
      const there = await requests();
      expect(there).toHaveLength(1);
      return there;
    });
    await decide(request!, "Denied");
    expect(await waiting).toBe(
      "certificate signing request is denied, reason: Test, message: because",
    );
  });

  test("begins anew where what it has cannot be read", async () => {
    const node = machine("worker4");
    mkdirSync(node.directory);
    writeFileSync(node.kubeconfig, "a scrap of paper");
    await node.join();
    expect(await whoIs(node.kubeconfig)).toMatchObject({ username: "system:node:worker4" });
  });

  test("is told what is missing", async () => {
    const node = machine("worker5");
    const signal = new AbortController().signal;
    await expect(node.join(signal, { bootstrapKubeconfig: "/nowhere" })).rejects.toThrow(
      "unable to load bootstrap kubeconfig: stat /nowhere: no such file or directory",
    );
    await expect(node.join(signal, { kubeconfig: "" })).rejects.toThrow(
      "--bootstrap-kubeconfig needs --kubeconfig as well",
    );
    expect(() => checkStore(node.directory)).toThrow("there is no");
  });
});

describe("--rotate-certificates", () => {
  test("gets a new certificate when most of the old one's life is over", async () => {
    const node = machine("worker6");
    await node.join();
    const { link, directory, kubeconfig } = node;
    const old = new X509Certificate(readFileSync(join(directory, "kubelet-client-current.pem")));
    const oldLink = link();
    const connection = renewable(() => connect({ kubeconfig }));
    const client = new Client(connection.transport, connection.headers);
    const over = new AbortController();
    const clock = new TestClock();
    const renewed = new Promise<void>((resolve) => {
      const onRenewed = () => {
        over.abort();
        connection.renew();
        resolve();
      };
      const context = { ...contextOf(over.signal), clock, client };
      renewCertificate({ directory, nodeName: "worker6", onRenewed }, context);
    });
    const advanceTo = (ms: number) => clock.advance(ms - clock.now().getTime());
    const [fromMs, toMs] = [Date.parse(old.validFrom), Date.parse(old.validTo)];
    advanceTo(fromMs + (toMs - fromMs) * 0.7 - DAY_MS);
    expect(await requests()).toHaveLength(1);
    advanceTo(fromMs + (toMs - fromMs) * 0.9);
    await renewed;

    expect(link()).not.toBe(oldLink);
    const fresh = new X509Certificate(readFileSync(join(directory, "kubelet-client-current.pem")));
    expect(fresh.subject).toBe(old.subject);
    expect(fresh.publicKey.equals(old.publicKey)).toBe(false);
    const asked = (await requests()).map(({ spec }) => spec.username).toSorted();
    expect(asked).toEqual(["system:bootstrap:abcdef", "system:node:worker6"]);
    const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    const review = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
    expect(await client.raw("POST", path, review)).toMatchObject({
      status: { userInfo: { username: "system:node:worker6" } },
    });
    connection.close();
  });
});

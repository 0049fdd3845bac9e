/** What webhooks are told of writes that are more than an object: bindings, scales, connections, collections. */
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { certificateRequest } from "../../support/certificate-request.ts";
import { signingKey } from "../../support/signing-keys.ts";
import {
  about,
  type Json,
  MAPS,
  map,
  patching,
  startAskingServer,
  startWebhook,
} from "./webhook-server.ts";

const NAMESPACE = "/api/v1/namespaces/default";
const POD = `${NAMESPACE}/pods/web`;
const DEPLOYMENT = "/apis/apps/v1/namespaces/default/deployments/web";
const MERGE = { "content-type": "application/merge-patch+json" };
const STRATEGIC = { "content-type": "application/strategic-merge-patch+json" };

let webhook: Awaited<ReturnType<typeof startWebhook>>;
let server: Awaited<ReturnType<typeof startAskingServer>>;

beforeAll(async () => {
  webhook = await startWebhook();
});
afterAll(() => webhook.stop());
beforeEach(async () => {
  webhook.forget();
  const issuers = ["https://kubernetes.default.svc"];
  server = await startAskingServer({ accountTokens: { issuers, signingKey: signingKey() } });
});
afterEach(() => server.stop());

const template = (labels: object) => ({
  metadata: { labels },
  spec: { containers: [{ name: "main", image: "nginx" }] },
});

async function make(path: string, body: object): Promise<void> {
  const answer = await server.send("POST", path, body);
  expect(answer.status, answer.text).toBe(201);
}
const makePod = () =>
  make(`${NAMESPACE}/pods`, { metadata: { name: "web" }, spec: template({}).spec });
const makeDeployment = () =>
  make("/apis/apps/v1/namespaces/default/deployments", {
    metadata: { name: "web" },
    spec: { replicas: 1, selector: { matchLabels: { a: "b" } }, template: template({ a: "b" }) },
  });

/** Sends a request and gives back what the webhook was told, all of it. */
async function told(
  method: string,
  path: string,
  body?: object,
  headers?: Record<string, string>,
): Promise<Json[]> {
  await server.configure("validating", webhook.hook("look"));
  const answer = await server.send(method, path, body, headers);
  expect(answer.status, answer.text).toBeLessThan(300);
  return webhook.reviews.map(({ request }) => request);
}

describe("of a creation that is no object of its own, a webhook is told", () => {
  test("the binding, and not the change of the pod", async () => {
    await makePod();
    const target = { kind: "Node", name: "node1" };

    const reviews = await told("POST", `${POD}/binding?fieldManager=me`, {
      metadata: { name: "web" },
      target,
    });

    expect(reviews).toMatchObject([
      {
        kind: { group: "", version: "v1", kind: "Binding" },
        resource: { group: "", version: "v1", resource: "pods" },
        subResource: "binding",
        requestKind: { kind: "Binding" },
        requestSubResource: "binding",
        name: "web",
        namespace: "default",
        operation: "CREATE",
        object: { kind: "Binding", apiVersion: "v1", target },
        oldObject: null,
        options: { kind: "CreateOptions", apiVersion: "meta.k8s.io/v1", fieldManager: "me" },
      },
    ]);
    expect((await server.send("GET", POD)).json.spec.nodeName).toBe("node1");
  });

  test("the eviction, and not the deletion it comes to", async () => {
    await makePod();
    const reviews = await told("POST", `${POD}/eviction`, {
      ...{ apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "web" } },
      deleteOptions: { gracePeriodSeconds: 0 },
    });
    expect(reviews).toMatchObject([
      {
        kind: { group: "policy", version: "v1", kind: "Eviction" },
        resource: { resource: "pods" },
        subResource: "eviction",
        name: "web",
        operation: "CREATE",
        object: { kind: "Eviction", deleteOptions: { gracePeriodSeconds: 0 } },
        oldObject: null,
      },
    ]);
    expect((await server.send("GET", POD)).status).toBe(404);
  });

  test("the request for a token", async () => {
    await make(`${NAMESPACE}/serviceaccounts`, { metadata: { name: "robot" } });
    const reviews = await told("POST", `${NAMESPACE}/serviceaccounts/robot/token`, {
      spec: { expirationSeconds: 700 },
    });
    expect(reviews).toMatchObject([
      {
        kind: { group: "authentication.k8s.io", version: "v1", kind: "TokenRequest" },
        resource: { resource: "serviceaccounts" },
        subResource: "token",
        name: "robot",
        operation: "CREATE",
        object: { kind: "TokenRequest", spec: { expirationSeconds: 700 } },
      },
    ]);
  });

  test("the question of an access review", async () => {
    const spec = { user: "jane", resourceAttributes: { verb: "get", resource: "pods" } };
    const path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
    const [review] = await told("POST", path, { spec });
    expect(review).toMatchObject({
      kind: { kind: "SubjectAccessReview" },
      operation: "CREATE",
      object: { spec },
    });
    expect(review).not.toHaveProperty("name");
  });

  test("and what it refuses does not come about", async () => {
    await makePod();
    webhook.answers.no = () => ({ allowed: false, status: { message: "it stays" } });
    const rules = [about("v1", "pods/eviction", "CREATE"), about("v1", "pods/binding", "CREATE")];
    await server.configure("validating", webhook.hook("no", { rules }));

    const metadata = { name: "web" };
    const evicted = await server.send("POST", `${POD}/eviction`, { metadata });
    const bound = await server.send("POST", `${POD}/binding`, {
      ...{ metadata, target: { name: "node1" } },
    });

    for (const { json } of [evicted, bound]) {
      expect(json.message).toBe('admission webhook "no.example.com" denied the request: it stays');
    }
    const pod = (await server.send("GET", POD)).json;
    expect([pod.spec.nodeName, pod.metadata.deletionTimestamp]).toEqual([undefined, undefined]);
  });
});

describe("of an update of a part, a webhook is told", () => {
  test("the scale that was and is to be", async () => {
    await makeDeployment();
    const reviews = await told("PATCH", `${DEPLOYMENT}/scale`, { spec: { replicas: 3 } }, MERGE);
    expect(reviews).toMatchObject([
      {
        kind: { group: "autoscaling", version: "v1", kind: "Scale" },
        resource: { group: "apps", version: "v1", resource: "deployments" },
        subResource: "scale",
        operation: "UPDATE",
        object: { kind: "Scale", spec: { replicas: 3 } },
        oldObject: { kind: "Scale", spec: { replicas: 1 } },
        options: { kind: "UpdateOptions" },
      },
    ]);
  });

  test("and a scale it changes is scaled so", async () => {
    await makeDeployment();
    webhook.answers.less = () => patching({ op: "replace", path: "/spec/replicas", value: 2 });
    const rules = [about("apps/v1", "deployments/scale", "UPDATE")];
    await server.configure("mutating", webhook.hook("less", { rules }));

    const answer = await server.send(
      "PATCH",
      `${DEPLOYMENT}/scale`,
      { spec: { replicas: 9 } },
      MERGE,
    );

    expect([answer.status, answer.json.spec.replicas]).toEqual([200, 2]);
    const { spec, metadata } = (await server.send("GET", DEPLOYMENT)).json;
    expect([spec.replicas, metadata.generation]).toEqual([2, 2]);
  });

  test("the whole object, where its status is written", async () => {
    await makePod();
    const [review, ...more] = await told(
      "PATCH",
      `${POD}/status`,
      { status: { phase: "Running" } },
      MERGE,
    );
    expect(review).toMatchObject({
      kind: { kind: "Pod" },
      subResource: "status",
      operation: "UPDATE",
      object: { status: { phase: "Running" } },
      oldObject: { status: { phase: "Pending" } },
    });
    expect(more).toEqual([]);
  });

  test("the pod, where a container is put into it", async () => {
    await makePod();
    const added = { ephemeralContainers: [{ name: "debug", image: "busybox" }] };
    const reviews = await told("PATCH", `${POD}/ephemeralcontainers`, { spec: added }, STRATEGIC);
    expect(reviews).toMatchObject([
      {
        kind: { kind: "Pod" },
        subResource: "ephemeralcontainers",
        operation: "UPDATE",
        object: { spec: { ephemeralContainers: [{ name: "debug" }] } },
      },
    ]);
    expect(reviews[0].oldObject.spec).not.toHaveProperty("ephemeralContainers");
  });

  test("the request for a certificate, where it is approved", async () => {
    const path = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
    await make(path, {
      metadata: { name: "jane" },
      spec: {
        request: await certificateRequest("CN=jane"),
        signerName: "kubernetes.io/kube-apiserver-client",
        usages: ["client auth"],
      },
    });
    const status = { conditions: [{ type: "Approved", status: "True", reason: "Why" }] };
    const reviews = await told("PATCH", `${path}/jane/approval`, { status }, MERGE);
    expect(reviews).toMatchObject([
      {
        kind: { group: "certificates.k8s.io", kind: "CertificateSigningRequest" },
        subResource: "approval",
        operation: "UPDATE",
        object: { status: { conditions: [{ type: "Approved" }] } },
      },
    ]);
  });
});

describe("of a deletion, a webhook is told", () => {
  test("what was there, and how it is to go", async () => {
    await make(MAPS, map("one", { a: "1" }));
    const reviews = await told("DELETE", `${MAPS}/one?propagationPolicy=Orphan`, {
      preconditions: {},
    });
    expect(reviews).toMatchObject([
      {
        name: "one",
        operation: "DELETE",
        object: null,
        oldObject: { data: { a: "1" } },
        options: {
          kind: "DeleteOptions",
          apiVersion: "meta.k8s.io/v1",
          propagationPolicy: "Orphan",
        },
      },
    ]);
  });

  test("each object of a collection, none of them by name", async () => {
    for (const name of ["one", "two"]) await make(MAPS, map(name));
    const reviews = await told("DELETE", MAPS);
    expect(reviews.map(({ oldObject }) => oldObject.metadata.name)).toEqual(["one", "two"]);
    for (const review of reviews) {
      expect(review.operation).toBe("DELETE");
      expect(review).not.toHaveProperty("name");
    }
  });
});

describe("of a new object whose name the server makes, a webhook is told", () => {
  test("no name; who may change it sees no uid yet either", async () => {
    await server.configure("mutating", webhook.hook("before"));
    await server.configure("validating", webhook.hook("after"));

    await make(MAPS, { metadata: { generateName: "some-" } });

    const [before, after] = webhook.reviews.map(({ request }) => request);
    expect([before.name, after.name]).toEqual([undefined, undefined]);
    expect(before.object.metadata).toMatchObject({
      generateName: "some-",
      creationTimestamp: null,
    });
    expect(before.object.metadata).not.toHaveProperty("name");
    expect(before.object.metadata).not.toHaveProperty("uid");
    expect(after.object.metadata).toMatchObject({
      name: expect.stringMatching(/^some-.{5}$/),
      uid: expect.any(String),
    });
  });
});

describe("of a connection, a webhook is told", () => {
  const CONNECT = { operation: "CONNECT", oldObject: null, options: null };

  /** Asks for an upgrade; the status line and what comes with it. */
  async function upgrade(path: string): Promise<string> {
    const { port } = await server.listen({ address: "127.0.0.1", port: 0 });
    const socket = connect(port, "127.0.0.1");
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: SPDY/3.1\r\n\r\n`,
    );
    let answer = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      answer += chunk;
    });
    await once(socket, "end");
    socket.destroy();
    return answer;
  }

  test.each([
    [
      "exec?command=sh&command=-c&stdin=true&stdout=true&container=main",
      {
        kind: "PodExecOptions",
        stdin: true,
        stdout: true,
        container: "main",
        command: ["sh", "-c"],
      },
    ],
    ["attach?stdout=true&tty=true", { kind: "PodAttachOptions", stdout: true, tty: true }],
    ["portforward?ports=80&ports=443", { kind: "PodPortForwardOptions", ports: [80, 443] }],
    ["proxy/a/b/", { kind: "PodProxyOptions", path: "/a/b/" }],
  ])("how it is asked for: %s", async (asked, options) => {
    webhook.answers.no = () => ({ allowed: false, status: { code: 403, message: "keep out" } });
    await server.configure("validating", webhook.hook("no"));

    const answer = await upgrade(`${POD}/${asked}`);

    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(answer).toContain("denied the request: keep out");
    const { kind } = options;
    expect(webhook.reviews[0].request).toMatchObject({
      ...CONNECT,
      kind: { group: "", version: "v1", kind },
      requestKind: { group: "", version: "v1", kind },
      resource: { group: "", version: "v1", resource: "pods" },
      subResource: asked.split(/[?/]/)[0],
      name: "web",
      namespace: "default",
    });
    expect(webhook.reviews[0].request.object).toEqual({ apiVersion: "v1", ...options });
  });

  test("and a policy can refuse it by what is to be run", async () => {
    const admission = "/apis/admissionregistration.k8s.io/v1";
    await make(`${admission}/validatingadmissionpolicies`, {
      metadata: { name: "no-shells" },
      spec: {
        matchConstraints: { resourceRules: [about("v1", "pods/exec", "CONNECT")] },
        validations: [{ expression: "object.command[0] != 'sh'", message: "no shells here" }],
      },
    });
    await make(`${admission}/validatingadmissionpolicybindings`, {
      metadata: { name: "no-shells" },
      spec: { policyName: "no-shells", validationActions: ["Deny"] },
    });
    expect(await upgrade(`${POD}/exec?command=sh`)).toContain("denied request: no shells here");
    expect(await upgrade(`${POD}/exec?command=ls`)).toContain('pods \\"web\\" not found');
  });
});

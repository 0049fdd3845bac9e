/** Webhooks that are asked before a write, over HTTPS, as a real one is. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  about,
  CONFIGURATIONS,
  type Json,
  MAPS,
  map,
  patching,
  startAskingServer,
  startWebhook,
} from "./webhook-server.ts";

let webhook: Awaited<ReturnType<typeof startWebhook>>;
let server: Awaited<ReturnType<typeof startAskingServer>>;
let reviews: Json[];
let answers: Awaited<ReturnType<typeof startWebhook>>["answers"];

const send: typeof server.send = (...asked) => server.send(...asked);
const configure: typeof server.configure = (...given) => server.configure(...given);
const hook = (name: string, more: Json = {}) =>
  webhook.hook(name, { rules: [about("v1", "configmaps")], ...more });

beforeAll(async () => {
  webhook = await startWebhook();
  ({ reviews, answers } = webhook);
});
afterAll(() => webhook.stop());
beforeEach(async () => {
  webhook.forget();
  server = await startAskingServer();
});
afterEach(() => server.stop());

describe("a validating webhook", () => {
  test("is told who asks for what, and refuses", async () => {
    answers.no = () => ({ allowed: false, status: { code: 403, message: "not today" } });
    await configure("validating", hook("no"));

    const answer = await send("POST", MAPS, map("one", { a: "1" }));

    expect(answer.json).toMatchObject({
      code: 403,
      message: 'admission webhook "no.example.com" denied the request: not today',
    });
    expect(reviews[0]).toMatchObject({
      kind: "AdmissionReview",
      apiVersion: "admission.k8s.io/v1",
      request: {
        kind: { group: "", version: "v1", kind: "ConfigMap" },
        resource: { group: "", version: "v1", resource: "configmaps" },
        name: "one",
        namespace: "default",
        operation: "CREATE",
        userInfo: { username: "system:apiserver" },
        object: { apiVersion: "v1", kind: "ConfigMap", data: { a: "1" } },
        oldObject: null,
        dryRun: false,
        options: { kind: "CreateOptions", apiVersion: "meta.k8s.io/v1" },
      },
    });
    expect((await send("GET", `${MAPS}/one`)).status).toBe(404);
  });

  test("that says nothing of why is quoted without explanation", async () => {
    answers.no = () => ({ allowed: false });
    await configure("validating", hook("no"));

    expect((await send("POST", MAPS, map("one"))).json).toMatchObject({
      code: 400,
      message: 'admission webhook "no.example.com" denied the request without explanation',
    });
  });

  test("is asked about updates and deletions, with what was there", async () => {
    await send("POST", MAPS, map("one", { a: "1" }));
    await configure("validating", hook("yes"));

    await send("PUT", `${MAPS}/one`, map("one", { a: "2" }));
    await send("DELETE", `${MAPS}/one`);

    expect(reviews.map(({ request }) => request.operation)).toEqual(["UPDATE", "DELETE"]);
    expect(reviews[0].request).toMatchObject({
      object: { data: { a: "2" } },
      oldObject: { data: { a: "1" } },
    });
    expect(reviews[1].request).toMatchObject({ object: null, oldObject: { data: { a: "2" } } });
  });

  test("warns the client", async () => {
    answers.warn = () => ({ allowed: true, warnings: ["better not"] });
    await configure("validating", hook("warn"));

    const answer = await send("POST", MAPS, map("one"));

    expect(answer.status).toBe(201);
    expect(answer.headers.warning).toEqual(['299 - "better not"']);
  });

  test("that cannot be reached stops the write, unless its failure is to be ignored", async () => {
    const gone = { url: "https://127.0.0.1:1/gone" };
    await configure("validating", hook("gone", { clientConfig: gone }));

    expect((await send("POST", MAPS, map("one"))).json).toMatchObject({
      code: 500,
      reason: "InternalError",
      message: expect.stringMatching(
        /^Internal error occurred: failed calling webhook "gone.example.com": failed to call webhook: Post "https:\/\/127.0.0.1:1\/gone\?timeout=10s": /,
      ),
    });
    const path = `${CONFIGURATIONS}/validatingwebhookconfigurations/test`;
    const ignoring = [{ op: "replace", path: "/webhooks/0/failurePolicy", value: "Ignore" }];
    const type = { "content-type": "application/json-patch+json" };
    expect((await send("PATCH", path, ignoring, type)).status).toBe(200);
    await send("GET", path);

    expect((await send("POST", MAPS, map("one"))).status).toBe(201);
  });

  test("that answers another review is not believed", async () => {
    answers.odd = () => ({ allowed: true, uid: "other" });
    await configure("validating", hook("odd"));

    expect((await send("POST", MAPS, map("one"))).json.message).toMatch(
      /failed calling webhook "odd.example.com": received invalid webhook response: expected response.uid="[0-9a-f-]{36}", got "other"$/,
    );
  });

  test("is asked in a dry run, and told that it is one", async () => {
    await configure("validating", hook("write", { sideEffects: "NoneOnDryRun" }));
    expect((await send("POST", `${MAPS}?dryRun=All`, map("one"))).status).toBe(201);
    expect(reviews[0].request).toMatchObject({ dryRun: true, options: { dryRun: ["All"] } });
  });

  test("is asked only where its selectors and conditions say so", async () => {
    await configure(
      "validating",
      hook("labels", { objectSelector: { matchLabels: { ask: "yes" } } }),
      hook("spaces", { namespaceSelector: { matchLabels: { ask: "yes" } } }),
      hook("names", {
        matchConditions: [{ name: "long", expression: "object.metadata.name.size() > 5" }],
      }),
      hook("exact", {
        rules: [
          {
            apiGroups: [""],
            apiVersions: ["v1"],
            resources: ["configmaps"],
            operations: ["DELETE"],
          },
        ],
      }),
    );

    await send("POST", MAPS, map("one"));
    expect(reviews).toEqual([]);
    await send("POST", MAPS, map("longer"));
    await send("POST", MAPS, { metadata: { name: "two", labels: { ask: "yes" } } });

    expect(reviews.map(({ path }) => path)).toEqual(["names", "labels"]);
  });

  test("has no say about webhook configurations", async () => {
    answers.no = () => ({ allowed: false });
    const everything = {
      apiGroups: ["*"],
      apiVersions: ["*"],
      resources: ["*/*"],
      operations: ["*"],
    };
    await configure("validating", hook("no", { rules: [everything] }));

    expect((await send("POST", MAPS, map("one"))).status).toBe(400);
    const path = `${CONFIGURATIONS}/validatingwebhookconfigurations/test`;
    expect((await send("DELETE", path)).status).toBe(200);
  });

  test("is reached through a service of the cluster", async () => {
    const service = {
      metadata: { name: "hook" },
      spec: { selector: { app: "hook" }, ports: [{ port: 443 }] },
    };
    await send("POST", "/api/v1/namespaces/default/services", service);
    const clientConfig = {
      service: { namespace: "default", name: "hook", path: "/no" },
      caBundle: webhook.caBundle,
    };
    await configure("validating", hook("service", { clientConfig }));

    expect((await send("POST", MAPS, map("one"))).json.message).toBe(
      'Internal error occurred: failed calling webhook "service.example.com": failed to call webhook: Post "https://hook.default.svc:443/no?timeout=10s": no endpoints available for service "hook"',
    );
    await send("POST", "/api/v1/namespaces/default/endpoints", {
      metadata: { name: "hook" },
      subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port: webhook.port }] }],
    });
    answers.no = () => ({ allowed: false, status: { message: "from afar" } });

    expect((await send("POST", MAPS, map("one"))).json.message).toBe(
      'admission webhook "service.example.com" denied the request: from afar',
    );
  });
});

describe("a webhook about connections", () => {
  test("keeps a user from a pod, told where to", async () => {
    answers.no = () => ({ allowed: false, status: { message: "keep out" } });
    const rule = {
      apiGroups: [""],
      apiVersions: ["v1"],
      resources: ["pods/proxy"],
      operations: ["CONNECT"],
    };
    await configure("validating", hook("no", { rules: [rule] }));

    const answer = await send("GET", "/api/v1/namespaces/default/pods/one/proxy/secret");

    expect(answer.json.message).toBe(
      'admission webhook "no.example.com" denied the request: keep out',
    );
    expect(reviews[0].request).toMatchObject({
      operation: "CONNECT",
      name: "one",
      subResource: "proxy",
      kind: { group: "", version: "v1", kind: "PodProxyOptions" },
      resource: { resource: "pods" },
      object: { kind: "PodProxyOptions", path: "/secret" },
    });
  });
});

describe("a mutating webhook", () => {
  test("changes what is written", async () => {
    answers.add = () => patching({ op: "add", path: "/data/added", value: "yes" });
    await configure("mutating", hook("add"));

    const answer = await send("POST", MAPS, map("one", { a: "1" }));

    expect(answer.status, answer.text).toBe(201);
    expect((await send("GET", `${MAPS}/one`)).json.data).toEqual({ a: "1", added: "yes" });
  });

  test("is asked again where a later one made a change, if it wants to be", async () => {
    const count = ({ object }: Json) =>
      patching({ op: "add", path: "/data/size", value: `${Object.keys(object.data).length}` });
    answers.count = count;
    answers.add = () => patching({ op: "add", path: "/data/added", value: "yes" });
    await configure("mutating", hook("count", { reinvocationPolicy: "IfNeeded" }), hook("add"));

    await send("POST", MAPS, map("one", { a: "1" }));

    expect(reviews.map(({ path }) => path)).toEqual(["count", "add", "count"]);
    expect((await send("GET", `${MAPS}/one`)).json.data).toEqual({
      a: "1",
      size: "3",
      added: "yes",
    });
  });

  test("may not make an object invalid", async () => {
    answers.bad = () => patching({ op: "add", path: "/metadata/labels", value: { "a b": "c" } });
    await configure("mutating", hook("bad"));

    expect((await send("POST", MAPS, map("one"))).json).toMatchObject({
      code: 422,
      reason: "Invalid",
    });
  });

  test("sees changes before a validating one does", async () => {
    answers.add = () => patching({ op: "add", path: "/data/added", value: "yes" });
    await configure("mutating", hook("add"));
    await configure("validating", hook("look"));

    await send("POST", MAPS, map("one", { a: "1" }));

    expect(reviews.map(({ path }) => path)).toEqual(["add", "look"]);
    expect(reviews[1].request.object.data).toEqual({ a: "1", added: "yes" });
  });
});

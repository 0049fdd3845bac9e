/** Versions that a webhook turns into each other, over HTTPS. */
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { dialTcp } from "../../../src/apiserver/backend.ts";
import { issueCertificate, type KeyPair } from "../../../src/component/certificate.ts";
import { systemClock } from "../../../src/component/clock.ts";
import { systemRandom } from "../../../src/component/random.ts";
import { ask, openWatch } from "../../support/api-request.ts";
import { startTestApiServer } from "../../support/api-server.ts";
import { eventually } from "../../support/eventually.ts";
import { CRONTABS, cronTab, cronTabDefinition, establish } from "./cron-tab.ts";

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever comes back
type Json = any;

const V2 = CRONTABS.replace("/v1/", "/v2/");
const HOUR_MS = 3_600_000;

let authority: KeyPair;
let webhook: Server;
let port: number;
let reviews: Json[];
/** What the webhook answers to a review. */
let answer: (review: Json) => Json;
let server: Awaited<ReturnType<typeof startTestApiServer>>;

/** spec.replicas of v1 is spec.count in v2. */
function renamed(object: Json, apiVersion: string): Json {
  const { replicas, count, ...spec } = object.spec;
  const number = replicas ?? count;
  const field = apiVersion.endsWith("/v2") ? "count" : "replicas";
  return {
    ...object,
    apiVersion,
    spec: { ...spec, ...(number === undefined ? {} : { [field]: number }) },
  };
}

function converted({ request, ...review }: Json): Json {
  const { uid, objects, desiredAPIVersion } = request;
  const convertedObjects = objects.map((object: Json) => renamed(object, desiredAPIVersion));
  return { ...review, response: { uid, convertedObjects, result: { status: "Success" } } };
}

function definitionFor(clientConfig: Json): Json {
  const definition = cronTabDefinition();
  const [first] = definition.spec.versions;
  const second = structuredClone(first);
  Object.assign(second, { name: "v2", storage: false });
  const { properties } = second.schema.openAPIV3Schema.properties.spec;
  properties.count = properties.replicas;
  delete properties.replicas;
  definition.spec.versions.push(second);
  const caBundle = Buffer.from(authority.certificate).toString("base64");
  definition.spec.conversion = {
    strategy: "Webhook",
    webhook: { conversionReviewVersions: ["v1"], clientConfig: { caBundle, ...clientConfig } },
  };
  return definition;
}

const send = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  ask(server.transport, method, path, body, headers);

describe("a conversion webhook", () => {
  beforeAll(async () => {
    const tools = { clock: systemClock, random: systemRandom };
    authority = await issueCertificate(
      { subject: "CN=webhook-ca", purpose: "authority", validMs: HOUR_MS },
      tools,
    );
    const own = await issueCertificate(
      {
        subject: "CN=webhook",
        purpose: "server",
        names: ["127.0.0.1", "hook.default.svc"],
        validMs: HOUR_MS,
      },
      tools,
      authority,
    );
    webhook = createServer({ cert: own.certificate, key: own.key }, (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const review = JSON.parse(Buffer.concat(chunks).toString());
        reviews.push(review);
        response.end(JSON.stringify(answer(review)));
      });
    });
    await new Promise<void>((resolve) => webhook.listen(0, "127.0.0.1", resolve));
    port = (webhook.address() as AddressInfo).port;
  });
  afterAll(() => new Promise((resolve) => webhook.close(resolve)));
  beforeEach(async () => {
    reviews = [];
    answer = converted;
    server = await startTestApiServer({ dial: (_, to) => dialTcp("127.0.0.1", to) });
  });
  afterEach(() => server.stop());

  const url = () => ({ url: `https://127.0.0.1:${port}/convert` });

  test("turns what is read and what is written", async () => {
    await establish(server.transport, definitionFor(url()));
    await send("POST", CRONTABS, cronTab("one", { replicas: 3 }));
    expect(reviews).toEqual([]);

    expect((await send("GET", `${V2}/one`)).json).toMatchObject({
      apiVersion: "stable.example.com/v2",
      spec: { count: 3 },
    });
    expect(reviews[0]).toMatchObject({
      kind: "ConversionReview",
      apiVersion: "apiextensions.k8s.io/v1",
      request: { desiredAPIVersion: "stable.example.com/v2", objects: [{ spec: { replicas: 3 } }] },
    });
    const merge = { "content-type": "application/merge-patch+json" };
    const patched = await send("PATCH", `${V2}/one`, { spec: { count: 5 } }, merge);
    expect(patched.json, patched.text).toMatchObject({ spec: { count: 5 } });
    expect((await send("GET", `${CRONTABS}/one`)).json).toMatchObject({ spec: { replicas: 5 } });

    const second = { ...cronTab("two"), apiVersion: "stable.example.com/v2", spec: { count: 1 } };
    expect((await send("POST", V2, second)).status).toBe(201);
    const { items } = (await send("GET", CRONTABS)).json;
    expect(items.map(({ spec }: Json) => spec.replicas)).toEqual([5, 1]);
  });

  test("is asked of a list once, and of an object that has not changed never again", async () => {
    await establish(server.transport, definitionFor(url()));
    for (const name of ["a", "b", "c"])
      await send("POST", CRONTABS, cronTab(name, { replicas: 1 }));
    await send("GET", V2);
    await send("GET", V2);
    expect(reviews.map(({ request }) => request.objects.length)).toEqual([3]);
  });

  test("turns the changes of a watch, in their order", async () => {
    await establish(server.transport, definitionFor(url()));
    await send("POST", CRONTABS, cronTab("a", { replicas: 1 }));
    const watch = await openWatch(server.transport, `${V2}?watch=1`);
    await send("POST", CRONTABS, cronTab("b", { replicas: 2 }));
    await send("DELETE", `${CRONTABS}/a`);
    await eventually(() =>
      expect(
        watch.events.map(({ type, object }: Json) => [
          type,
          object.metadata.name,
          object.spec.count,
        ]),
      ).toEqual([
        ["ADDED", "a", 1],
        ["ADDED", "b", 2],
        ["DELETED", "a", 1],
      ]),
    );
    watch.close();
  });

  test("is reached through a service of the cluster", async () => {
    const services = "/api/v1/namespaces/default/services";
    await send("POST", services, {
      kind: "Service",
      apiVersion: "v1",
      metadata: { name: "hook" },
      spec: { ports: [{ port: 443, targetPort: port }] },
    });
    await send("POST", "/api/v1/namespaces/default/endpoints", {
      kind: "Endpoints",
      apiVersion: "v1",
      metadata: { name: "hook" },
      subsets: [{ addresses: [{ ip: "10.9.9.9" }], ports: [{ port }] }],
    });
    const service = { name: "hook", namespace: "default", path: "/convert" };
    await establish(server.transport, definitionFor({ service }));
    await send("POST", CRONTABS, cronTab("one", { replicas: 3 }));
    const { json, text } = await send("GET", `${V2}/one`);
    expect(json, text).toMatchObject({ spec: { count: 3 } });
  });

  const ABOUT = "conversion webhook for stable.example.com/v1, Kind=CronTab";

  test.each<[string, (review: Json) => Json, string]>([
    [
      "says no",
      ({ request }) => ({
        kind: "ConversionReview",
        apiVersion: "apiextensions.k8s.io/v1",
        response: { uid: request.uid, result: { status: "Failed", message: "not today" } },
      }),
      `${ABOUT} failed: not today`,
    ],
    [
      "answers another review",
      (review) => ({ ...converted(review), response: { ...converted(review).response, uid: "x" } }),
      `${ABOUT} failed: expected response.uid=`,
    ],
    [
      "loses an object",
      (review) => ({
        ...converted(review),
        response: { ...converted(review).response, convertedObjects: [] },
      }),
      `${ABOUT} returned 0 objects, expected 1`,
    ],
    [
      "renames an object",
      (review) => {
        const whole = converted(review);
        whole.response.convertedObjects[0].metadata.name = "other";
        return whole;
      },
      `${ABOUT} returned invalid converted object at index 0: must have the same name: one != other`,
    ],
    [
      "does not convert",
      (review) => ({
        ...converted(review),
        response: { ...converted(review).response, convertedObjects: review.request.objects },
      }),
      `${ABOUT} returned invalid converted object at index 0: invalid groupVersion (expected stable.example.com/v2, received stable.example.com/v1)`,
    ],
  ])("that %s fails the request with its reason", async (_, wrong, message) => {
    await establish(server.transport, definitionFor(url()));
    await send("POST", CRONTABS, cronTab("one"));
    answer = wrong;
    const { json } = await send("GET", `${V2}/one`);
    expect(json).toMatchObject({ code: 500, status: "Failure" });
    expect(json.message).toContain(message);
  });

  test("that nobody trusted has signed is not believed", async () => {
    await establish(server.transport, definitionFor({ ...url(), caBundle: undefined }));
    await send("POST", CRONTABS, cronTab("one"));
    const { json } = await send("GET", `${V2}/one`);
    expect(json.message).toMatch(
      /^conversion webhook for stable.example.com\/v1, Kind=CronTab failed: Post "https:\/\/127.0.0.1:\d+\/convert\?timeout=30s": /,
    );
  });
});

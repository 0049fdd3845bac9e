/** An API server and a webhook it asks over HTTPS, as a real one is asked. */
import type { ApiServerOptions } from "../../../src/apiserver/apiserver.ts";
import { dialTcp } from "../../../src/apiserver/backend.ts";
import { ask } from "../../support/api-request.ts";
import { startTestApiServer } from "../../support/api-server.ts";
import { startHttpsServer } from "../../support/https-server.ts";

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever comes back
export type Json = any;

export const CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1";
export const MAPS = "/api/v1/namespaces/default/configmaps";

export const map = (name: string, data: Json = {}) => ({ metadata: { name }, data });

/** An answer that changes the object. */
export const patching = (...operations: Json[]) => ({
  allowed: true,
  patchType: "JSONPatch",
  patch: Buffer.from(JSON.stringify(operations)).toString("base64"),
});

export async function startWebhook() {
  /** What it was asked, each with the path it was asked under. */
  const reviews: Json[] = [];
  /** What it answers, by that path; where nothing is said, that it has nothing against it. */
  const answers: Record<string, (request: Json) => Json> = {};
  const webhook = await startHttpsServer(
    (request, response, body) => {
      const review = JSON.parse(body);
      const path = request.url!.split("?")[0]!.slice(1);
      reviews.push({ path, url: request.url, ...review });
      const { kind, apiVersion } = review;
      const answer = answers[path]?.(review.request) ?? { allowed: true };
      if (answer === "never") return;
      const made = { kind, apiVersion, response: { uid: review.request.uid, ...answer } };
      response.end(JSON.stringify(made));
    },
    { names: ["hook.default.svc"] },
  );
  return {
    ...webhook,
    reviews,
    answers,
    forget() {
      reviews.length = 0;
      for (const path of Object.keys(answers)) delete answers[path];
    },
    /** A webhook in a configuration; asked about all that is written, unless `more` says else. */
    hook(name: string, more: Json = {}): Json {
      return {
        name: `${name}.example.com`,
        admissionReviewVersions: ["v1"],
        sideEffects: "None",
        clientConfig: { url: `${webhook.url}/${name}`, caBundle: webhook.caBundle },
        rules: [about("*", "*/*")],
        ...more,
      };
    },
  };
}

/** A rule: about("apps/v1", "deployments/scale", "UPDATE"). */
export function about(groupVersion: string, resource: string, ...operations: string[]): Json {
  const [version, group = ""] =
    groupVersion === "*" ? ["*", "*"] : groupVersion.split("/").toReversed();
  return {
    apiGroups: [group],
    apiVersions: [version],
    resources: [resource],
    operations: operations.length > 0 ? operations : ["*"],
  };
}

export async function startAskingServer(options: Partial<ApiServerOptions> = {}) {
  const server = await startTestApiServer({
    dial: (_, to) => dialTcp("127.0.0.1", to),
    ...options,
  });
  const send = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
    ask(server.transport, method, path, body, headers);
  return {
    ...server,
    send,
    async configure(sort: "mutating" | "validating", ...webhooks: Json[]) {
      const path = `${CONFIGURATIONS}/${sort}webhookconfigurations`;
      const answer = await send("POST", path, { metadata: { name: "test" }, webhooks });
      if (answer.status !== 201) throw new Error(answer.text);
      await send("GET", `${path}/test`);
    },
  };
}

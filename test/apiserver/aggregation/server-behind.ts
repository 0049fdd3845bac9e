/** Two API servers: one in front, and a whole one behind it that serves Flunders of wardle.example.com. */
import type { ApiServerOptions } from "../../../src/apiserver/apiserver.ts";
import { dialTcp } from "../../../src/apiserver/backend.ts";
import { issueCertificate } from "../../../src/component/certificate.ts";
import { systemClock } from "../../../src/component/clock.ts";
import { systemRandom } from "../../../src/component/random.ts";
import { ask } from "../../support/api-request.ts";
import { startTestApiServer } from "../../support/api-server.ts";
import { eventually } from "../../support/eventually.ts";
import { makeAuthority, makeClientPair } from "../../support/https-server.ts";
import { establish } from "../custom-resources/cron-tab.ts";

export const FLUNDERS = "/apis/wardle.example.com/v1alpha1/namespaces/default/flunders";
const SERVICES = "/apis/apiregistration.k8s.io/v1/apiservices";
const HOUR_MS = 3_600_000;

const DEFINITION = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "flunders.wardle.example.com" },
  spec: {
    group: "wardle.example.com",
    scope: "Namespaced",
    names: { plural: "flunders", singular: "flunder", kind: "Flunder" },
    versions: [
      {
        name: "v1alpha1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            description: "Flunder is a fish.",
            properties: {
              spec: {
                type: "object",
                description: "What it is like.",
                properties: { size: { type: "integer", description: "From head to tail." } },
              },
            },
          },
        },
      },
    ],
  },
};

export async function startTwoServers(options: Partial<ApiServerOptions> = {}) {
  const [proxyCa, authority] = await Promise.all([
    makeAuthority("front-proxy-ca"),
    makeAuthority("behind-ca"),
  ]);
  const tools = { clock: systemClock, random: systemRandom };
  const own = await issueCertificate(
    { subject: "CN=behind", purpose: "server", names: ["wardle.default.svc"], validMs: HOUR_MS },
    tools,
    authority,
  );
  const requestHeader = {
    ca: proxyCa.certificate,
    allowedNames: ["front-proxy-client"],
    usernameHeaders: ["X-Remote-User"],
    groupHeaders: ["X-Remote-Group"],
    extraHeaderPrefixes: ["X-Remote-Extra-"],
  };
  const behind = await startTestApiServer({ authenticationInfo: { requestHeader }, ...options });
  const tls = { cert: own.certificate, key: own.key, requestHeaderCa: proxyCa.certificate };
  const { port } = await behind.listen({ address: "127.0.0.1", port: 0, tls });
  await establish(behind.transport, DEFINITION);
  const front = await startTestApiServer({
    dial: (_, to) => dialTcp("127.0.0.1", to),
    proxyClient: await makeClientPair("CN=front-proxy-client", proxyCa),
  });
  await register(front, port, Buffer.from(authority.certificate).toString("base64"));
  return {
    front,
    behind,
    async stop() {
      await front.stop();
      await behind.stop();
    },
  };
}

async function register(
  { transport }: Awaited<ReturnType<typeof startTestApiServer>>,
  port: number,
  caBundle: string,
): Promise<void> {
  const send = (path: string, body: object) => ask(transport, "POST", path, body);
  await send("/api/v1/namespaces/default/services", {
    metadata: { name: "wardle" },
    spec: { selector: { app: "wardle" }, ports: [{ port: 443 }] },
  });
  await send("/api/v1/namespaces/default/endpoints", {
    metadata: { name: "wardle" },
    subsets: [{ addresses: [{ ip: "10.0.0.1" }], ports: [{ port }] }],
  });
  await send(SERVICES, {
    metadata: { name: "v1alpha1.wardle.example.com" },
    spec: {
      ...{ group: "wardle.example.com", version: "v1alpha1", caBundle },
      ...{ groupPriorityMinimum: 1000, versionPriority: 15 },
      service: { namespace: "default", name: "wardle" },
    },
  });
  await eventually(async () => {
    const { text } = await ask(transport, "GET", "/openapi/v3");
    if (!text.includes("wardle.example.com")) throw new Error("its types are not known yet");
  });
}

/** The definition everybody begins with: the CronTab of Kubernetes' own documentation, and objects of it. */
import type { Transport } from "../../../src/client/transport.ts";
import { ask } from "../../support/api-request.ts";
import { eventually } from "../../support/eventually.ts";

export const CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
export const CRONTABS = "/apis/stable.example.com/v1/namespaces/default/crontabs";

// biome-ignore lint/suspicious/noExplicitAny: a test puts anything into a schema
type Json = any;

export function cronTabDefinition(version: Json = {}, spec: Json = {}): Json {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "crontabs.stable.example.com" },
    spec: {
      group: "stable.example.com",
      scope: "Namespaced",
      names: { plural: "crontabs", singular: "crontab", kind: "CronTab", shortNames: ["ct"] },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: "object",
              properties: {
                spec: {
                  type: "object",
                  properties: {
                    cronSpec: {
                      type: "string",
                      pattern: "^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$",
                    },
                    image: { type: "string" },
                    replicas: { type: "integer", minimum: 1, maximum: 10 },
                  },
                },
                status: {
                  type: "object",
                  properties: { replicas: { type: "integer" }, labelSelector: { type: "string" } },
                },
              },
            },
          },
          additionalPrinterColumns: [
            {
              name: "Spec",
              type: "string",
              description: "The cron spec",
              jsonPath: ".spec.cronSpec",
            },
            { name: "Replicas", type: "integer", jsonPath: ".spec.replicas" },
            { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
          ],
          ...version,
        },
      ],
      ...spec,
    },
  };
}

export function cronTab(name: string, spec: Json = {}): Json {
  return {
    apiVersion: "stable.example.com/v1",
    kind: "CronTab",
    metadata: { name },
    spec: { cronSpec: "* * * * */5", image: "my-awesome-cron-image", ...spec },
  };
}

/** Creates a definition and waits until its kind can be used. */
export async function establish(transport: Transport, definition: Json): Promise<void> {
  const { status, json } = await ask(transport, "POST", CRDS, definition);
  if (status !== 201) throw new Error(json.message);
  await established(transport, definition.metadata.name);
}

export async function established(transport: Transport, name: string): Promise<void> {
  await eventually(async () => {
    const { json } = await ask(transport, "GET", `${CRDS}/${name}`);
    const { conditions = [] } = json.status ?? {};
    const is = conditions.find(({ type }: Json) => type === "Established")?.status;
    if (is !== "True")
      throw new Error(`${name} is not established: ${JSON.stringify(json.status)}`);
  });
}

/**
 * Conversion by a webhook: a ConversionReview goes out with the objects that are of another version, and comes
 * back with as many. Of metadata it may change labels and annotations only.
 *
 * In Kubernetes: staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/conversion/webhook_converter.go
 */
import type { WebhookConversion } from "kubernetes-types/apiextensions/v1.js";
import type { Convert } from "../../api/apiextensions/custom-kind.ts";
import type { CustomResourceDefinition } from "../../api/apiextensions/custom-resource-definition.ts";
import { ApiError } from "../../api/errors.ts";
import type { KubeObject } from "../../api/kind.ts";
import { randomUuid } from "../../component/random.ts";
import { callWebhook, type WebhookDialer } from "./webhook-call.ts";

interface Review {
  kind?: string;
  apiVersion?: string;
  response?: {
    uid?: string;
    convertedObjects?: KubeObject[];
    result?: { status?: string; message?: string };
  };
}

const REVIEW_VERSIONS = ["v1", "v1beta1"];
const TIMEOUT_MS = 30_000;

export function webhookConversion(
  { clientConfig, conversionReviewVersions }: WebhookConversion,
  { spec }: CustomResourceDefinition,
  dialer: WebhookDialer,
): Convert {
  const reviewVersion = conversionReviewVersions.find((one) => REVIEW_VERSIONS.includes(one));
  const ask = async (objects: KubeObject[], desiredAPIVersion: string) => {
    const about = `conversion webhook for ${objects[0]!.apiVersion}, Kind=${spec.names.kind}`;
    const uid = randomUuid(dialer.random);
    const apiVersion = `apiextensions.k8s.io/${reviewVersion}`;
    const request = { uid, desiredAPIVersion, objects };
    const review = { kind: "ConversionReview", apiVersion, request };
    const answer = await failing(`${about} failed`, async () => {
      const { body } = await callWebhook(clientConfig!, review, TIMEOUT_MS, dialer);
      return objectsIn(body as Review, uid, apiVersion);
    });
    if (answer.length !== objects.length) {
      throw refused(`${about} returned ${answer.length} objects, expected ${objects.length}`);
    }
    return objects.map((object, i) => {
      const where = `${about} returned invalid converted object at index ${i}`;
      return checked(object, answer[i]!, desiredAPIVersion, where);
    });
  };
  return (objects, apiVersion) => {
    const others = objects.filter((object) => object.apiVersion !== apiVersion);
    if (others.length === 0) return objects;
    return ask(others, apiVersion).then((converted) => {
      const made = new Map(others.map((object, i) => [object, converted[i]!]));
      return objects.map((object) => made.get(object) ?? object);
    });
  };
}

function objectsIn({ kind, apiVersion, response }: Review, uid: string, expected: string) {
  const isV1 = expected.endsWith("/v1");
  if (isV1 && (kind !== "ConversionReview" || apiVersion !== expected)) {
    throw new Error(
      `expected webhook response of ${expected}, Kind=ConversionReview, got ${apiVersion ?? ""}, Kind=${kind ?? ""}`,
    );
  }
  if (response === undefined) throw new Error("no response provided");
  if (isV1 && response.uid !== uid) {
    const said = JSON.stringify(response.uid ?? "");
    throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${said}`);
  }
  const { status = "", message } = response.result ?? {};
  if (status !== "Success") {
    throw new Error(message || `response.result.status was '${status}', not 'Success'`);
  }
  return response.convertedObjects ?? [];
}

function checked(
  object: KubeObject,
  converted: KubeObject,
  apiVersion: string,
  where: string,
): KubeObject {
  if (converted.apiVersion !== apiVersion) {
    const why = `invalid groupVersion (expected ${apiVersion}, received ${converted.apiVersion})`;
    throw refused(`${where}: ${why}`);
  }
  if (converted.kind !== object.kind) {
    throw refused(`${where}: invalid kind (expected ${object.kind}, received ${converted.kind})`);
  }
  for (const field of ["name", "namespace", "uid"] as const) {
    const [was = "", is = ""] = [object.metadata[field], converted.metadata?.[field]];
    const label = field === "uid" ? "UID" : field;
    if (was !== is) throw refused(`${where}: must have the same ${label}: ${was} != ${is}`);
  }
  const { labels, annotations } = converted.metadata;
  const { labels: _, annotations: __, ...metadata } = object.metadata;
  return {
    ...converted,
    metadata: {
      ...metadata,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
  };
}

async function failing<T>(what: string, attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    throw refused(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function refused(message: string): ApiError {
  return new ApiError(500, "", message);
}

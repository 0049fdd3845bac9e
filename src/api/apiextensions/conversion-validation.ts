/**
 * How versions become each other: not at all but in name, or by a webhook that can be reached.
 *
 * In Kubernetes: validateCustomResourceConversion in
 * staging/src/k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation/validation.go, and
 * staging/src/k8s.io/apiserver/pkg/util/webhook/validation.go
 */
import type {
  CustomResourceConversion,
  ServiceReference,
} from "kubernetes-types/apiextensions/v1.js";
import { type FieldError, invalidValue, notSupported, required } from "../field-error.ts";
import { dns1035LabelErrors, portNumberErrors } from "../names.ts";

const REVIEW_VERSIONS = ["v1", "v1beta1"];
const NOT_A_WEBHOOK = "should not be set when strategy is not set to Webhook";
const FORMAT = "desired format: https://host[/path]";

export function validateConversion(
  conversion: CustomResourceConversion | undefined,
  path: string,
): FieldError[] {
  const { strategy = "", webhook } = conversion ?? {};
  if (strategy === "") return [required(`${path}.strategy`)];
  const errors: FieldError[] = [];
  if (strategy !== "None" && strategy !== "Webhook") {
    errors.push(notSupported(`${path}.strategy`, strategy, ["None", "Webhook"]));
  }
  const { clientConfig, conversionReviewVersions = [] } = webhook ?? {};
  const config = `${path}.webhookClientConfig`;
  if (strategy !== "Webhook") {
    if (clientConfig) errors.push(forbiddenHere(config));
    if (conversionReviewVersions.length > 0) {
      errors.push(forbiddenHere(`${path}.conversionReviewVersions`));
    }
    return errors;
  }
  if (!clientConfig) errors.push(required(config, "required when strategy is set to Webhook"));
  else if ((clientConfig.url === undefined) === (clientConfig.service === undefined)) {
    errors.push(required(config, "exactly one of url or service is required"));
  } else if (clientConfig.url !== undefined) {
    errors.push(...urlErrors(clientConfig.url, `${config}.url`));
  } else errors.push(...serviceErrors(clientConfig.service!, `${config}.service`));
  return [...errors, ...reviewErrors(conversionReviewVersions, `${path}.conversionReviewVersions`)];
}

function forbiddenHere(field: string): FieldError {
  return { reason: "FieldValueForbidden", field, message: `Forbidden: ${NOT_A_WEBHOOK}` };
}

export function reviewErrors(versions: string[], path: string, whyRequired = ""): FieldError[] {
  if (versions.length === 0) return [required(path, whyRequired)];
  const errors = versions.flatMap((version, i) => {
    const at = `${path}[${i}]`;
    if (versions.indexOf(version) < i) return [invalidValue(at, version, "duplicate version")];
    return dns1035LabelErrors(version).map((error) => invalidValue(at, version, error));
  });
  if (!versions.some((version) => REVIEW_VERSIONS.includes(version))) {
    const why = `must include at least one of ${REVIEW_VERSIONS.join(", ")}`;
    errors.push(invalidValue(path, versions, why));
  }
  return errors;
}

export function urlErrors(text: string, path: string): FieldError[] {
  if (!URL.canParse(text)) {
    const scheme = invalidValue(path, "", `'https' is the only allowed URL scheme; ${FORMAT}`);
    return [scheme, invalidValue(path, "", `host must be specified; ${FORMAT}`)];
  }
  const url = new URL(text);
  const errors: FieldError[] = [];
  const refuse = (value: string, why: string) =>
    errors.push(invalidValue(path, value, `${why}; ${FORMAT}`));
  if (url.protocol !== "https:") {
    refuse(url.protocol.slice(0, -1), "'https' is the only allowed URL scheme");
  }
  if (url.host === "") refuse("", "host must be specified");
  if (url.username !== "") refuse(url.username, "user information is not permitted in the URL");
  if (url.hash !== "") refuse(url.hash.slice(1), "fragments are not permitted in the URL");
  if (url.search !== "")
    refuse(url.search.slice(1), "query parameters are not permitted in the URL");
  return errors;
}

export function serviceErrors(
  { name, namespace, path: to = "", port = 443 }: ServiceReference,
  path: string,
) {
  const errors: FieldError[] = [];
  if (!name) errors.push(required(`${path}.name`, "service name is required"));
  if (!namespace) errors.push(required(`${path}.namespace`, "service namespace is required"));
  const wrong = portNumberErrors(port);
  if (wrong.length > 0) {
    errors.push(invalidValue(`${path}.port`, port, `port is not valid: ${wrong.join(",")}`));
  }
  if (to !== "" && !to.startsWith("/")) {
    errors.push(invalidValue(`${path}.path`, to, "must start with a '/'"));
  }
  return errors;
}

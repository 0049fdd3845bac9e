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
import { dns1035LabelErrors, dns1123SubdomainErrors, portNumberErrors } from "../names.ts";

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

/** Go takes nearly anything for a URL; what it cannot read at all is told first. */
export function urlErrors(text: string, path: string): FieldError[] {
  const fault = faultOfUrl(text);
  if (fault !== undefined) {
    const why = `url must be a valid URL: parse ${JSON.stringify(text)}: ${fault}; ${FORMAT}`;
    return [required(path, why)];
  }
  const { scheme = "", authority = "", query = "", fragment = "" } = URL_PARTS.exec(text)!.groups!;
  const at = authority.lastIndexOf("@");
  const errors: FieldError[] = [];
  const refuse = (value: string, why: string) => errors.push(invalidValue(path, value, why));
  if (scheme.toLowerCase() !== "https") {
    refuse(scheme.toLowerCase(), `'https' is the only allowed URL scheme; ${FORMAT}`);
  }
  if (authority.slice(at + 1) === "") refuse("", `host must be provided; ${FORMAT}`);
  if (at >= 0) refuse(authority.slice(0, at), "user information is not permitted in the URL");
  if (fragment !== "") refuse(fragment, "fragments are not permitted in the URL");
  if (query !== "") refuse(query, "query parameters are not permitted in the URL");
  return errors;
}

const URL_PARTS =
  /^(?:(?<scheme>[a-zA-Z][a-zA-Z0-9+.-]*):)?(?:\/\/(?<authority>[^/?#]*))?[^?#]*(?:\?(?<query>[^#]*))?(?:#(?<fragment>.*))?$/s;

function faultOfUrl(text: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (/[\x00-\x1f\x7f]/.test(text)) return "net/url: invalid control character in URL";
  if (text.startsWith(":")) return "missing protocol scheme";
  const { scheme, authority = "" } = URL_PARTS.exec(text)!.groups!;
  if (scheme === undefined && text.split(/[/?#]/)[0]!.includes(":")) {
    return "first path segment in URL cannot contain colon";
  }
  const port = /(:[^:\]]*)$/.exec(authority.slice(authority.lastIndexOf("@") + 1))?.[1];
  if (port !== undefined && !/^:\d*$/.test(port)) {
    return `invalid port ${JSON.stringify(port)} after host`;
  }
  const odd = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(text.split(/[?#]/)[0]!)?.[0];
  return odd === undefined ? undefined : `invalid URL escape ${JSON.stringify(odd)}`;
}

/** Kubernetes hands over name and namespace the wrong way round: who forgets one is told of the other. */
export function serviceErrors(
  { name: namespace, namespace: name, path: to = "", port = 443 }: Partial<ServiceReference>,
  path: string,
) {
  const errors: FieldError[] = [];
  if (!name) errors.push(required(`${path}.name`, "service name is required"));
  if (!namespace) errors.push(required(`${path}.namespace`, "service namespace is required"));
  const wrong = portNumberErrors(port);
  if (wrong.length > 0) {
    errors.push(invalidValue(`${path}.port`, port, `port is not valid: ${wrong.join(", ")}`));
  }
  return [...errors, ...servicePathErrors(to, `${path}.path`)];
}

function servicePathErrors(to: string, path: string): FieldError[] {
  if (to === "" || to === "/") return [];
  if (to === "//") return [invalidValue(path, to, "segment[0] may not be empty")];
  const errors = to.startsWith("/") ? [] : [invalidValue(path, to, "must start with a '/'")];
  const segments = to.slice(1).replace(/\/$/, "").split("/");
  for (const [i, segment] of segments.entries()) {
    if (segment === "") errors.push(invalidValue(path, to, `segment[${i}] may not be empty`));
    else {
      const wrong = dns1123SubdomainErrors(segment);
      errors.push(...wrong.map((error) => invalidValue(path, to, `segment[${i}]: ${error}`)));
    }
  }
  return errors;
}

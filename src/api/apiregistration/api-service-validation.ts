/**
 * What is wrong with an APIService.
 *
 * In Kubernetes: staging/src/k8s.io/kube-aggregator/pkg/apis/apiregistration/validation/validation.go
 */
import { type FieldError, goQuoted, invalidValue, notSupported, required } from "../field-error.ts";
import {
  dns1035LabelErrors,
  dns1123SubdomainErrors,
  pathSegmentErrors,
  portNumberErrors,
} from "../names.ts";
import type { APIService } from "./api-service.ts";

export function validateApiService({ metadata, spec: given }: APIService): FieldError[] {
  const spec = given ?? ({} as APIService["spec"]);
  const { group = "", version = "", groupPriorityMinimum = 0, versionPriority = 0 } = spec;
  const errors = nameErrors(metadata.name, `${version}.${group}`).map((why) =>
    invalidValue("metadata.name", metadata.name, why),
  );
  if (group === "" && version !== "v1") {
    const why = "only v1 may have an empty group and it better be legacy kube";
    errors.push(required("spec.group", why));
  }
  const wrongGroup = group === "" ? [] : dns1123SubdomainErrors(group);
  errors.push(...wrongGroup.map((error) => invalidValue("spec.group", group, error)));
  errors.push(
    ...dns1035LabelErrors(version).map((error) => invalidValue("spec.version", version, error)),
  );
  if (groupPriorityMinimum <= 0 || groupPriorityMinimum > 20_000) {
    const why = "must be positive and less than 20000";
    errors.push(invalidValue("spec.groupPriorityMinimum", groupPriorityMinimum, why));
  }
  if (versionPriority <= 0 || versionPriority > 1_000) {
    const why = "must be positive and less than 1000";
    errors.push(invalidValue("spec.versionPriority", versionPriority, why));
  }
  return [...errors, ...(spec.service ? remoteErrors(spec) : localErrors(spec))];
}

const STATES = ["True", "False", "Unknown"];

export function validateApiServiceStatus({ status }: APIService): FieldError[] {
  return (status?.conditions ?? []).flatMap(({ status: state = "" }, i) =>
    STATES.includes(state) ? [] : [notSupported(`status.conditions[${i}].status`, state, STATES)],
  );
}

function nameErrors(name: string, wanted: string): string[] {
  const wrong = pathSegmentErrors(name);
  if (wrong.length > 0 || name === wanted) return wrong;
  return [`must be \`spec.version+"."+spec.group\`: ${goQuoted(wanted)}`];
}

function localErrors({ caBundle = "", insecureSkipTLSVerify }: APIService["spec"]): FieldError[] {
  const errors: FieldError[] = [];
  const bytes = Buffer.byteLength(caBundle, "base64");
  if (bytes > 0) {
    const why = "local APIServices may not have a caBundle";
    errors.push(invalidValue("spec.caBundle", `${bytes} bytes`, why));
  }
  if (insecureSkipTLSVerify) {
    const why = "local APIServices may not have insecureSkipTLSVerify";
    errors.push(invalidValue("spec.insecureSkipTLSVerify", true, why));
  }
  return errors;
}

function remoteErrors({ service, caBundle, insecureSkipTLSVerify }: APIService["spec"]) {
  const { namespace, name, port = 443 } = service!;
  const errors: FieldError[] = [];
  if (!namespace) errors.push(required("spec.service.namespace"));
  if (!name) errors.push(required("spec.service.name"));
  const wrong = portNumberErrors(port);
  if (wrong.length > 0) {
    errors.push(invalidValue("spec.service.port", port, `port is not valid: ${wrong.join(", ")}`));
  }
  if (insecureSkipTLSVerify && caBundle) {
    const why = "may not be true if caBundle is present";
    errors.push(invalidValue("spec.insecureSkipTLSVerify", true, why));
  }
  return errors;
}

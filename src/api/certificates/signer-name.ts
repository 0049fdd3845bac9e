/**
 * The name of a signer: a domain, a slash and a path: "kubernetes.io/kube-apiserver-client".
 *
 * In Kubernetes: ValidateSignerName in pkg/apis/core/validation/validation.go
 */
import { type FieldError, invalidValue, required, tooLong } from "../field-error.ts";
import { dns1123LabelErrors, dns1123SubdomainErrors } from "../names.ts";

const DOMAIN_MAX = 253;
const NAME_MAX = DOMAIN_MAX + 1 + 253 + 63 + 1;

export function signerNameErrors(field: string, name: string): FieldError[] {
  if (name === "") return [required(field)];
  const [domain = "", path = "", ...more] = name.split("/");
  if (more.length > 0 || !name.includes("/")) {
    const why = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    return [invalidValue(field, name, why)];
  }
  const errors: FieldError[] = [];
  if (domain.length > DOMAIN_MAX) errors.push(tooLong(field, DOMAIN_MAX));
  const labels = domain.split(".");
  errors.push(...firstFault(field, domain, labels, dns1123LabelErrors));
  if (labels.length < 2) {
    const why = "should be a domain with at least two segments separated by dots";
    errors.push(invalidValue(field, domain, why));
  }
  errors.push(...firstFault(field, path, path.split("."), dns1123SubdomainErrors));
  if (name.length > NAME_MAX) errors.push(tooLong(field, NAME_MAX));
  return errors;
}

/** What is wrong with the first label that is not right. */
function firstFault(
  field: string,
  value: string,
  labels: string[],
  faultsOf: (label: string) => string[],
): FieldError[] {
  const wrong = labels.find((label) => faultsOf(label).length > 0);
  if (wrong === undefined) return [];
  return faultsOf(wrong).map((fault) =>
    invalidValue(field, value, `validating label ${JSON.stringify(wrong)}: ${fault}`),
  );
}

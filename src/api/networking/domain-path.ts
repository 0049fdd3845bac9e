/**
 * Names that begin with a domain: "acme.io/foo".
 *
 * In Kubernetes: IsDomainPrefixedPath in staging/src/k8s.io/apimachinery/pkg/util/validation
 */
import { type FieldError, invalidValue, required } from "../field-error.ts";
import { dns1123SubdomainErrors } from "../names.ts";

const HTTP_PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
const isHttpPath = new RegExp(`^${HTTP_PATH}$`);

export function domainPathErrors(value: string, path: string): FieldError[] {
  if (value === "") return [required(path)];
  const [, domain = "", rest = ""] = /^([^/]+)\/(.+)$/s.exec(value) ?? [];
  if (domain === "") {
    const why = 'must be a domain-prefixed path (such as "acme.io/foo")';
    return [invalidValue(path, value, why)];
  }
  const errors = dns1123SubdomainErrors(domain).map((e) => invalidValue(path, domain, e));
  if (isHttpPath.test(rest)) return errors;
  const why = `Invalid path (regex used for validation is '${HTTP_PATH}')`;
  return [...errors, invalidValue(path, rest, why)];
}

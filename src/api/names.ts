/**
 * What names may look like: the DNS names, label keys and values, ports and variables of the API.
 * Each check returns what is wrong, worded as Kubernetes words it; an empty list means nothing is. What was left out is
 * an empty text, as it is to Go.
 *
 * In Kubernetes: staging/src/k8s.io/apimachinery/pkg/util/validation/validation.go
 */
import { isIPv4, isIPv6 } from "node:net";

const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?";
const QUALIFIED = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const LABEL_VALUE = `(${QUALIFIED})?`;
const CONFIG_KEY = "[-._a-zA-Z0-9]+";
const ENV_NAME = "[-._a-zA-Z][-._a-zA-Z0-9]*";

const isLabel = exactly(LABEL);
const isSubdomain = exactly(SUBDOMAIN);
const isLabel1035 = exactly(LABEL_1035);
const isQualified = exactly(QUALIFIED);
const isLabelValue = exactly(LABEL_VALUE);
const isConfigKey = exactly(CONFIG_KEY);
const isEnvName = exactly(ENV_NAME);

const QUALIFIED_RULE =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const QUALIFIED_WORDING = wording(QUALIFIED_RULE, QUALIFIED, "MyName", "my.name", "123-abc");

export function dns1123LabelErrors(value = ""): string[] {
  const errors = longerThan(63, value);
  if (isLabel(value)) return errors;
  if (isSubdomain(value)) return [...errors, "must not contain dots"];
  const rule =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
  return [...errors, wording(rule, LABEL, "my-name", "123-abc")];
}

export function dns1123SubdomainErrors(value = ""): string[] {
  const errors = longerThan(253, value);
  if (isSubdomain(value)) return errors;
  const rule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
  return [...errors, wording(rule, SUBDOMAIN, "example.com")];
}

/** "*.example.com": only the whole first label may be a star. */
export function wildcardSubdomainErrors(value = ""): string[] {
  const errors = longerThan(253, value);
  if (value.startsWith("*.") && isSubdomain(value.slice(2))) return errors;
  const rule =
    "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character";
  return [...errors, wording(rule, `\\*\\.${SUBDOMAIN}`, "*.example.com")];
}

export function dns1035LabelErrors(value = ""): string[] {
  const errors = longerThan(63, value);
  if (isLabel1035(value)) return errors;
  const rule =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
  return [...errors, wording(rule, LABEL_1035, "my-name", "abc-123")];
}

/** "app", "example.com/app": the keys of labels and annotations, resource names, finalizers. */
export function qualifiedNameErrors(value = ""): string[] {
  const parts = value.split("/");
  if (parts.length > 2) {
    const prefix = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
    return [`a qualified name ${QUALIFIED_WORDING} ${prefix}`];
  }
  const name = parts.at(-1)!;
  const errors: string[] = [];
  if (parts.length === 2) {
    const prefix = parts[0]!;
    if (prefix === "") errors.push("prefix part must be non-empty");
    else errors.push(...dns1123SubdomainErrors(prefix).map((error) => `prefix part ${error}`));
  }
  if (name === "") errors.push("name part must be non-empty");
  else if (name.length > 63) errors.push(`name part ${tooLongWording(63)}`);
  if (!isQualified(name)) errors.push(`name part ${QUALIFIED_WORDING}`);
  return errors;
}

export function labelValueErrors(value = ""): string[] {
  const errors = longerThan(63, value);
  if (isLabelValue(value)) return errors;
  const rule =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
  return [...errors, wording(rule, LABEL_VALUE, "MyValue", "my_value", "12345")];
}

export function configKeyErrors(value = ""): string[] {
  const errors = longerThan(253, value);
  if (isConfigKey(value)) return [...errors, ...parentDirectoryErrors(value)];
  const rule = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'";
  return [...errors, wording(rule, CONFIG_KEY, "key.name", "KEY_NAME", "key-name")];
}

export function envNameErrors(value = ""): string[] {
  if (isEnvName(value)) return parentDirectoryErrors(value);
  const rule =
    "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit";
  const examples = ["my.env-name", "MY_ENV.NAME", "MyEnvName1"];
  return [wording(rule, ENV_NAME, ...examples), ...parentDirectoryErrors(value)];
}

export function portNameErrors(value = ""): string[] {
  const errors = longerThan(15, value);
  if (!/^[-a-z0-9]+$/.test(value)) {
    errors.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  }
  if (!/[a-z]/.test(value)) errors.push("must contain at least one letter (a-z)");
  if (value.includes("--")) errors.push("must not contain consecutive hyphens");
  if (value.startsWith("-") || value.endsWith("-")) {
    errors.push("must not begin or end with a hyphen");
  }
  return errors;
}

/** A name that is to stand alone between two slashes of a path. */
export function pathSegmentErrors(name: string): string[] {
  if (name === "." || name === "..") return [`may not be '${name}'`];
  return ["/", "%"]
    .filter((part) => name.includes(part))
    .map((part) => `may not contain '${part}'`);
}

export function portNumberErrors(port: number): string[] {
  return port >= 1 && port <= 65535 ? [] : [inclusiveRange(1, 65535)];
}

/** User and group ids. */
export function idErrors(id: number): string[] {
  return id >= 0 && id <= 2147483647 ? [] : [inclusiveRange(0, 2147483647)];
}

export function ipErrors(value = ""): string[] {
  if (isIPv4(value) || (isIPv6(value) && !value.includes("%"))) return [];
  return ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"];
}

/** What compares as a number in a selector: a label may be "7", the bound of a requirement must be. */
export function isInteger(text: string | undefined): text is string {
  return text !== undefined && /^-?[0-9]{1,19}$/.test(text);
}

export function inclusiveRange(low: number, high: number): string {
  return `must be between ${low} and ${high}, inclusive`;
}

/** The checks of an object's name. A prefix (generateName) may end with a dash. */
export const nameIsDns1123Subdomain = nameCheck(dns1123SubdomainErrors);
export const nameIsDns1123Label = nameCheck(dns1123LabelErrors);
export const nameIsDns1035Label = nameCheck(dns1035LabelErrors);

function nameCheck(errorsOf: (value: string) => string[]) {
  return (name: string, isPrefix: boolean) =>
    errorsOf(isPrefix && name.length > 1 && name.endsWith("-") ? `${name.slice(0, -1)}a` : name);
}

function parentDirectoryErrors(value: string): string[] {
  if (value === ".") return ["must not be '.'"];
  if (value === "..") return ["must not be '..'"];
  return value.startsWith("..") ? ["must not start with '..'"] : [];
}

function longerThan(most: number, value: string): string[] {
  return value.length > most ? [tooLongWording(most)] : [];
}

function tooLongWording(most: number): string {
  return `must be no more than ${most} characters`;
}

function wording(rule: string, pattern: string, ...examples: string[]): string {
  const quoted = examples.map((example) => `'${example}', `).join(" or ");
  return `${rule} (e.g. ${quoted}regex used for validation is '${pattern}')`;
}

function exactly(pattern: string): (value: string) => boolean {
  const whole = new RegExp(`^${pattern}$`);
  return (value) => whole.test(value);
}

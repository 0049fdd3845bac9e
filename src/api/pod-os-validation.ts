/**
 * What a pod says of the operating system it is for, and of Windows: what a pod for one cannot have of the other.
 *
 * In Kubernetes: validateOS, validateLinux, validateWindows, validateWindowsSecurityContextOptions and
 * validateWindowsHostProcessPod in pkg/apis/core/validation/validation.go
 */
import type { PodSpec, WindowsSecurityContextOptions } from "kubernetes-types/core/v1.js";
import { type FieldError, forbidden, invalidValue, notSupported, required } from "./field-error.ts";
import { dns1123SubdomainErrors } from "./names.ts";
import { placedContainers } from "./pod-annotations-validation.ts";

const MOST_KIBIBYTES = 64;
const MOST_DOMAIN_CHARACTERS = 256;
const MOST_USER_CHARACTERS = 104;
const NET_BIOS = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const DNS_LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
const DNS_NAME = new RegExp(`^${DNS_LABEL}(?:\\.${DNS_LABEL})*$`);
const NOT_FOR_WINDOWS = "cannot be set for a windows pod";

/** What of a pod means nothing to Windows, in the order in which it is told. */
const LINUX_POD_FIELDS = [
  "securityContext.appArmorProfile",
  "securityContext.seLinuxOptions",
  "hostUsers",
  "hostPID",
  "hostIPC",
  "securityContext.seccompProfile",
  "securityContext.fsGroup",
  "securityContext.fsGroupChangePolicy",
  "securityContext.sysctls",
  "shareProcessNamespace",
  "securityContext.runAsUser",
  "securityContext.runAsGroup",
  "securityContext.supplementalGroups",
];
const LINUX_CONTAINER_FIELDS = [
  "appArmorProfile",
  "seLinuxOptions",
  "seccompProfile",
  "capabilities",
  "readOnlyRootFilesystem",
  "privileged",
  "allowPrivilegeEscalation",
  "procMount",
  "runAsUser",
  "runAsGroup",
] as const;

export function osErrors(spec: PodSpec, path: string): FieldError[] {
  if (spec.os === undefined) return [];
  const { name } = spec.os;
  if (!name) return [required(`${path}.os.name`, "cannot be empty")];
  if (name === "linux") return linuxErrors(spec, path);
  if (name === "windows") return windowsErrors(spec, path);
  return [notSupported(`${path}.os`, name, ["linux", "windows"])];
}

function linuxErrors(spec: PodSpec, path: string): FieldError[] {
  const contexts = [{ context: spec.securityContext, path }, ...containerContexts(spec, path)];
  return contexts
    .filter(({ context }) => context?.windowsOptions !== undefined)
    .map(({ path: at }) =>
      forbidden(
        `${at}.securityContext.windowsOptions`,
        "windows options cannot be set for a linux pod",
      ),
    );
}

function containerContexts(spec: PodSpec, path: string) {
  return placedContainers(spec, path).map(({ container, path: at }) => ({
    context: container.securityContext,
    path: at,
  }));
}

function windowsErrors(spec: PodSpec, path: string): FieldError[] {
  const context = { ...spec.securityContext } as Record<string, unknown>;
  const isSet = (field: string) => {
    const [, inContext] = /^securityContext\.(.*)$/.exec(field) ?? [];
    const value = inContext ? context[inContext] : spec[field as keyof PodSpec];
    if (field === "hostPID" || field === "hostIPC") return value === true;
    return value !== undefined && !(field.endsWith("sysctls") && (value as []).length === 0);
  };
  return [
    ...LINUX_POD_FIELDS.filter(isSet).map((field) =>
      forbidden(`${path}.${field}`, NOT_FOR_WINDOWS),
    ),
    ...containerContexts(spec, path).flatMap(({ context: own = {}, path: at }) =>
      LINUX_CONTAINER_FIELDS.filter((field) => own[field] !== undefined).map((field) =>
        forbidden(`${at}.securityContext.${field}`, NOT_FOR_WINDOWS),
      ),
    ),
  ];
}

export function windowsOptionsErrors(
  options: WindowsSecurityContextOptions | undefined,
  path: string,
): FieldError[] {
  const { gmsaCredentialSpecName: name, gmsaCredentialSpec: credentials } = options ?? {};
  const errors: FieldError[] = [];
  if (name !== undefined) {
    const at = `${path}.gmsaCredentialSpecName`;
    errors.push(...dns1123SubdomainErrors(name).map((error) => invalidValue(at, name, error)));
  }
  if (credentials !== undefined) {
    const at = `${path}.gmsaCredentialSpec`;
    if (credentials === "") {
      errors.push(invalidValue(at, "", "gmsaCredentialSpec cannot be an empty string"));
    } else if (Buffer.byteLength(credentials) > MOST_KIBIBYTES * 1024) {
      const why = `gmsaCredentialSpec size must be under ${MOST_KIBIBYTES} KiB`;
      errors.push(invalidValue(at, credentials, why));
    }
  }
  const { runAsUserName: user } = options ?? {};
  if (user === undefined) return errors;
  const at = `${path}.runAsUserName`;
  return [...errors, ...userNameErrors(user).map((error) => invalidValue(at, user, error))];
}

/** "DOMAIN\user" or "user". */
function userNameErrors(name: string): string[] {
  if (name === "") return ["runAsUserName cannot be an empty string"];
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for.
  if (/[\x00-\x1f\x7f]/.test(name)) return ["runAsUserName cannot contain control characters"];
  const parts = name.split("\\");
  if (parts.length > 2) return ["runAsUserName cannot contain more than one backslash"];
  const [user = "", domain] = parts.toReversed();
  const errors: string[] = [];
  if (domain !== undefined && domain.length >= MOST_DOMAIN_CHARACTERS) {
    errors.push(`runAsUserName's Domain length must be under ${MOST_DOMAIN_CHARACTERS} characters`);
  }
  if (domain !== undefined && !NET_BIOS.test(domain) && !DNS_NAME.test(domain)) {
    errors.push("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
  }
  if (user === "") errors.push("runAsUserName's User cannot be empty");
  else if (user.length > MOST_USER_CHARACTERS) {
    const why = `runAsUserName's User length must not be longer than ${MOST_USER_CHARACTERS} characters`;
    errors.push(why);
  }
  if (/^[. ]+$/.test(user))
    errors.push("runAsUserName's User cannot contain only periods or spaces");
  if (/["/\\:;|=,+*?<>@[\]]/.test(user)) {
    const why = "runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]";
    errors.push(why);
  }
  return errors;
}

/** Of a pod either all containers are processes of the host, or none; and then in the host's network. */
export function hostProcessErrors(spec: PodSpec, path: string): FieldError[] {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  const contexts = containerContexts(spec, path);
  const errors: FieldError[] = [];
  let count = 0;
  for (const { context, path: at } of contexts) {
    const own = context?.windowsOptions?.hostProcess;
    if (ofPod !== undefined && own !== undefined && ofPod !== own) {
      const why = `pod hostProcess value must be identical if both are specified, was ${ofPod}`;
      errors.push(invalidValue(`${at}.securityContext.windowsOptions.hostProcess`, own, why));
    }
    if (own ?? ofPod) count++;
  }
  if (count === 0) return errors;
  if (count !== contexts.length) {
    const why =
      "If pod contains any hostProcess containers then all containers must be HostProcess containers";
    errors.push(invalidValue(path, "", why));
  }
  if (!spec.hostNetwork) {
    const why = "hostNetwork must be true if pod contains any hostProcess containers";
    errors.push(invalidValue(`${path}.hostNetwork`, false, why));
  }
  return errors;
}

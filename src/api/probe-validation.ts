/**
 * Probes and lifecycle hooks: exactly one handler each, and numbers that make sense.
 *
 * In Kubernetes: pkg/apis/core/validation/validation.go (validateProbe, validateHandler)
 */
import type { Container, LifecycleHandler, Probe } from "kubernetes-types/core/v1.js";
import { type FieldError, forbidden, invalidValue, notSupported, required } from "./field-error.ts";
import { portNameErrors, portNumberErrors } from "./names.ts";

type Handler = LifecycleHandler & Pick<Probe, "grpc">;

const NOT_NEGATIVE = "must be greater than or equal to 0";
const HEADER_NAME = "[-A-Za-z0-9]+";

export function validateProbes(container: Container, path: string): FieldError[] {
  const { livenessProbe, readinessProbe, startupProbe } = container;
  return [
    ...(livenessProbe ? livenessErrors(livenessProbe, `${path}.livenessProbe`) : []),
    ...(readinessProbe ? readinessErrors(readinessProbe, `${path}.readinessProbe`) : []),
    ...(startupProbe ? livenessErrors(startupProbe, `${path}.startupProbe`) : []),
  ];
}

export function validateLifecycle(
  { lifecycle }: Container,
  graceSeconds: number | undefined,
  path: string,
): FieldError[] {
  const { postStart, preStop } = lifecycle ?? {};
  const at = `${path}.lifecycle`;
  return [
    ...(postStart ? handlerErrors(postStart, graceSeconds, `${at}.postStart`) : []),
    ...(preStop ? handlerErrors(preStop, graceSeconds, `${at}.preStop`) : []),
  ];
}

/** One success is enough for a container to live, and to have started. */
function livenessErrors(probe: Probe, path: string): FieldError[] {
  const errors = probeErrors(probe, path);
  const { successThreshold = 1 } = probe;
  if (successThreshold === 1) return errors;
  return [...errors, invalidValue(`${path}.successThreshold`, successThreshold, "must be 1")];
}

function readinessErrors(probe: Probe, path: string): FieldError[] {
  const errors = probeErrors(probe, path);
  const seconds = probe.terminationGracePeriodSeconds;
  if (seconds === undefined) return errors;
  const at = `${path}.terminationGracePeriodSeconds`;
  return [...errors, invalidValue(at, seconds, "must not be set for readinessProbes")];
}

function probeErrors(probe: Probe, path: string): FieldError[] {
  const errors = handlerErrors(probe, undefined, path);
  const counts = [
    "initialDelaySeconds",
    "timeoutSeconds",
    "periodSeconds",
    "successThreshold",
    "failureThreshold",
  ] as const;
  for (const name of counts) {
    const value = probe[name] ?? 0;
    if (value < 0) errors.push(invalidValue(`${path}.${name}`, value, NOT_NEGATIVE));
  }
  const seconds = probe.terminationGracePeriodSeconds;
  if (seconds !== undefined && seconds <= 0) {
    const at = `${path}.terminationGracePeriodSeconds`;
    errors.push(invalidValue(at, seconds, "must be greater than 0"));
  }
  return errors;
}

function handlerErrors(
  handler: Handler,
  graceSeconds: number | undefined,
  path: string,
): FieldError[] {
  const kinds = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] as const;
  const [first, ...others] = kinds.filter((kind) => handler[kind] !== undefined);
  if (first === undefined) return [required(path, "must specify a handler type")];
  return [
    ...actionErrors(handler, first, graceSeconds, `${path}.${first}`),
    ...others.map((kind) =>
      forbidden(`${path}.${kind}`, "may not specify more than 1 handler type"),
    ),
  ];
}

function actionErrors(
  { exec, httpGet, tcpSocket, grpc, sleep }: Handler,
  kind: "exec" | "httpGet" | "tcpSocket" | "grpc" | "sleep",
  graceSeconds: number | undefined,
  path: string,
): FieldError[] {
  switch (kind) {
    case "exec":
      return exec?.command?.length ? [] : [required(`${path}.command`)];
    case "httpGet":
      return httpErrors(httpGet!, path);
    case "tcpSocket":
      return portErrors(tcpSocket!.port, `${path}.port`);
    case "grpc":
      return portErrors(grpc!.port, `${path}.port`);
    case "sleep": {
      const most = graceSeconds ?? 0;
      const { seconds } = sleep!;
      if (seconds > 0 && seconds <= most) return [];
      const why = `must be greater than 0 and less than terminationGracePeriodSeconds (${most})`;
      return [invalidValue(path, seconds, why)];
    }
  }
}

function httpErrors(httpGet: NonNullable<Probe["httpGet"]>, path: string): FieldError[] {
  const { path: urlPath, port, scheme = "", httpHeaders = [] } = httpGet;
  const errors = urlPath ? [] : [required(`${path}.path`)];
  errors.push(...portErrors(port, `${path}.port`));
  if (scheme !== "HTTP" && scheme !== "HTTPS") {
    errors.push(notSupported(`${path}.scheme`, scheme, ["HTTP", "HTTPS"]));
  }
  for (const { name = "" } of httpHeaders) {
    if (new RegExp(`^${HEADER_NAME}$`).test(name)) continue;
    const why = `a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '${HEADER_NAME}')`;
    errors.push(invalidValue(`${path}.httpHeaders`, name, why));
  }
  return errors;
}

/** A port by its number or by its name. */
export function portErrors(port: number | string, path: string): FieldError[] {
  const wrong = typeof port === "string" ? portNameErrors(port) : portNumberErrors(port ?? 0);
  return wrong.map((error) => invalidValue(path, port ?? 0, error));
}

/**
 * Reads a kubeconfig: which server, whom to trust, and who we are.
 *
 * A context names a cluster and a user; the current context is taken unless another is asked for.
 * Files it names are relative to itself; data inside it is base64.
 *
 * In Kubernetes: k8s.io/client-go/tools/clientcmd. Differs: one file, no exec or auth-provider
 * plug-ins, which are refused by name.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse, stringify } from "yaml";
import { createHttpTransport, type HttpTransport, type TlsMaterial } from "./http-transport.ts";

export interface Connection extends HttpTransport {
  server: string;
  /** What to give a Client: who we are. */
  headers: Record<string, string>;
  /** The namespace of the context. */
  namespace: string;
}

export interface ConnectionOptions {
  /** The path of a kubeconfig. */
  kubeconfig?: string;
  /** The server's address, in the place of the kubeconfig's. */
  master?: string;
  context?: string;
  userAgent?: string;
  /** Shows nobody: for who adds credentials of their own to each request. */
  anonymous?: boolean;
}

const DEFAULT_SERVER = "http://localhost:8080";

interface Cluster {
  server?: string;
  "certificate-authority"?: string;
  "certificate-authority-data"?: string;
  "insecure-skip-tls-verify"?: boolean;
  "tls-server-name"?: string;
}

interface User {
  "client-certificate"?: string;
  "client-certificate-data"?: string;
  "client-key"?: string;
  "client-key-data"?: string;
  token?: string;
  tokenFile?: string;
  username?: string;
  password?: string;
  exec?: unknown;
  "auth-provider"?: unknown;
}

type FileField = "certificate-authority" | "client-certificate" | "client-key";

interface Kubeconfig {
  "current-context"?: string;
  clusters?: { name: string; cluster: Cluster }[];
  users?: { name: string; user: User }[];
  contexts?: { name: string; context: { cluster?: string; user?: string; namespace?: string } }[];
}

/** Connects as the flags --kubeconfig and --master say; without either, to localhost:8080. */
export function connect(options: ConnectionOptions): Connection {
  const { kubeconfig, master, context, userAgent } = options;
  const agent: Record<string, string> = userAgent === undefined ? {} : { "user-agent": userAgent };
  if (kubeconfig === undefined || kubeconfig === "") {
    const server = serverUrl(master || DEFAULT_SERVER);
    return { ...createHttpTransport(server), server, headers: agent, namespace: "default" };
  }
  const config = readKubeconfig(kubeconfig);
  const { cluster, user: named, namespace } = pick(config, context, kubeconfig);
  const user = options.anonymous ? {} : named;
  const folder = path.dirname(kubeconfig);
  const server = serverUrl(master || cluster.server || DEFAULT_SERVER);
  return {
    ...createHttpTransport(server, tlsOf(cluster, user, folder)),
    server,
    headers: { ...agent, ...authorizationOf(user, folder) },
    namespace,
  };
}

/** The client certificate a kubeconfig shows, as PEM; undefined where it shows none. */
export function clientCertificateIn(kubeconfig: string): string | undefined {
  const { user } = pick(readKubeconfig(kubeconfig), undefined, kubeconfig);
  return material(user, "client-certificate", path.dirname(kubeconfig))?.toString();
}

/** A kubeconfig, as text, that leads where another one does, and shows the certificate and key in a file. */
export function kubeconfigShowing(pemPath: string, other: string): string {
  const { cluster } = pick(readKubeconfig(other), undefined, other);
  const file = cluster["certificate-authority"];
  const authority = file && { "certificate-authority": path.resolve(path.dirname(other), file) };
  const user = { "client-certificate": pemPath, "client-key": pemPath };
  const context = { cluster: "default-cluster", user: "default-auth", namespace: "default" };
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "default-cluster", cluster: { ...cluster, ...authority } }],
    users: [{ name: "default-auth", user }],
    contexts: [{ name: "default-context", context }],
    "current-context": "default-context",
  });
}

function readKubeconfig(file: string): Kubeconfig {
  const text = readFileSync(file, "utf8");
  const config: unknown = parse(text, { version: "1.1" });
  if (typeof config === "object" && config !== null) return config as Kubeconfig;
  throw new Error(`${file} is not a kubeconfig`);
}

function pick(config: Kubeconfig, asked: string | undefined, file: string) {
  const wanted = asked ?? config["current-context"] ?? "";
  const context = config.contexts?.find(({ name }) => name === wanted)?.context;
  if (context === undefined && wanted !== "") {
    throw new Error(`context "${wanted}" does not exist in ${file}`);
  }
  const { cluster: clusterName = "", user: userName = "", namespace = "default" } = context ?? {};
  const cluster = config.clusters?.find(({ name }) => name === clusterName)?.cluster;
  if (cluster === undefined && clusterName !== "") {
    throw new Error(`cluster "${clusterName}" does not exist in ${file}`);
  }
  const user = config.users?.find(({ name }) => name === userName)?.user ?? {};
  for (const plugin of ["exec", "auth-provider"] as const) {
    if (user[plugin])
      throw new Error(`user "${userName}" in ${file}: "${plugin}" is not supported`);
  }
  return { cluster: cluster ?? {}, user, namespace };
}

function tlsOf(cluster: Cluster, user: User, folder: string): TlsMaterial {
  const ca = material(cluster, "certificate-authority", folder);
  const cert = material(user, "client-certificate", folder);
  const key = material(user, "client-key", folder);
  const serverName = cluster["tls-server-name"];
  return {
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(serverName && { serverName }),
    ...(cluster["insecure-skip-tls-verify"] && { insecureSkipVerify: true }),
  };
}

/** The data itself, which comes before a file that holds it. */
function material(from: Cluster & User, field: FileField, folder: string): Buffer | undefined {
  const data = from[`${field}-data`];
  if (data) return Buffer.from(data, "base64");
  const file = from[field];
  return file ? readFileSync(path.resolve(folder, file)) : undefined;
}

function authorizationOf(user: User, folder: string): Record<string, string> {
  const { token, tokenFile, username, password = "" } = user;
  const bearer = tokenFile ? readFileSync(path.resolve(folder, tokenFile), "utf8").trim() : token;
  if (bearer) return { authorization: `Bearer ${bearer}` };
  if (!username) return {};
  const basic = Buffer.from(`${username}:${password}`).toString("base64");
  return { authorization: `Basic ${basic}` };
}

/** "master:8080" is understood as http. */
function serverUrl(address: string): string {
  return /^https?:\/\//.test(address) ? address : `http://${address}`;
}

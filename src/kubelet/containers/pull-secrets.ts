/**
 * Credentials for a private registry, from the pod's imagePullSecrets.
 *
 * In Kubernetes: pkg/credentialprovider
 */
import type { Pod } from "../../api/pod.ts";
import type { ConfigObjects } from "../pods/config-objects.ts";
import type { RegistryCredentials } from "../runtime/runtime.ts";

const DOCKER_HUB = "docker.io";

interface DockerConfig {
  auths?: Record<string, { username?: string; password?: string; auth?: string }>;
}

export async function pullCredentials(
  { spec, metadata }: Pod,
  image: string,
  objects: ConfigObjects,
): Promise<RegistryCredentials | undefined> {
  const registry = registryOf(image);
  for (const { name = "" } of spec.imagePullSecrets ?? []) {
    // A secret that is not there is not an error: the image may be public.
    const data = await objects.secret(metadata.namespace ?? "default", name);
    for (const [address, entry] of Object.entries(authsOf(data))) {
      if (hostOf(address) !== registry) continue;
      const [username = "", ...rest] = entry.auth
        ? Buffer.from(entry.auth, "base64").toString().split(":")
        : [entry.username, entry.password ?? ""];
      return { username, password: rest.join(":"), serverAddress: address };
    }
  }
  return undefined;
}

function authsOf(data: Map<string, Buffer> | undefined): NonNullable<DockerConfig["auths"]> {
  const modern = data?.get(".dockerconfigjson");
  const old = data?.get(".dockercfg");
  if (modern) return (JSON.parse(modern.toString()) as DockerConfig).auths ?? {};
  return old ? (JSON.parse(old.toString()) as NonNullable<DockerConfig["auths"]>) : {};
}

/** "nginx" is at Docker Hub; "quay.io/x/y" and "localhost:5000/x" name their registry. */
function registryOf(image: string): string {
  const [first = "", ...rest] = image.split("/");
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  return isHost ? first : DOCKER_HUB;
}

function hostOf(address: string): string {
  const host = address.replace(/^https?:\/\//, "").split("/")[0]!;
  return host === "index.docker.io" ? DOCKER_HUB : host;
}

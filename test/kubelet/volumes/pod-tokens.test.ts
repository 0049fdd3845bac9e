import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ConfigMap } from "../../../src/api/config-map.ts";
import { ServiceAccount } from "../../../src/api/service-account.ts";
import { claimsOf, ISSUER } from "../../support/account-server.ts";
import { unreachable } from "../../support/faulty-transport.ts";
import { signingKey } from "../../support/signing-keys.ts";
import { startTestNode } from "../test-node.ts";

const MINUTE_MS = 60_000;
const MOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
const spec = { serviceAccountName: "robot", containers: [{ name: "main", image: "busybox" }] };

let node: Awaited<ReturnType<typeof startTestNode>>;
beforeEach(async () => {
  node = await startTestNode({
    server: {
      accountTokens: { issuers: [ISSUER], signingKey: signingKey(), extendsExpiration: false },
      admissionPlugins: ["ServiceAccount"],
    },
  });
  await node.client.create(ServiceAccount, "default", { metadata: { name: "robot" } });
});
afterEach(() => node.stop());

const trust = (text: string) =>
  node.client.create(ConfigMap, "default", {
    metadata: { name: "kube-root-ca.crt" },
    data: { "ca.crt": text },
  });
const isRunning = ({ status }: { status?: { phase?: string } }) => status?.phase === "Running";

/** What the pod finds where in-cluster clients look. */
async function found(pod: string, file: string): Promise<string> {
  const { metadata, spec } = await node.get(pod);
  const { name } = spec.containers[0]!.volumeMounts!.find(({ mountPath }) => mountPath === MOUNT)!;
  const path = `/var/lib/kubelet/pods/${metadata.uid}/volumes/kubernetes.io~projected/${name}`;
  return (await node.node.files.read(`${path}/${file}`))?.toString() ?? "";
}

describe("a pod's credentials", () => {
  test("are a token of its account, whom to trust, and its namespace", async () => {
    await trust("the authority");
    await node.run("web", spec);
    const pod = await node.until("web", isRunning);

    const claims = claimsOf(await found("web", "token"));

    expect(claims["kubernetes.io"]).toMatchObject({
      namespace: "default",
      pod: { name: "web", uid: pod.metadata.uid },
      serviceaccount: { name: "robot" },
    });
    expect(claims.exp - claims.iat).toBe(3607);
    expect(await found("web", "ca.crt")).toBe("the authority");
    expect(await found("web", "namespace")).toBe("default");
  });

  test("hold the pod back until they are all there", async () => {
    await node.run("web", spec);

    await expect
      .poll(async () => (await node.eventsOf("web")).join("\n"))
      .toContain('configmap "kube-root-ca.crt" not found');
    expect(isRunning(await node.get("web"))).toBe(false);
  });

  test("are renewed when four fifths of the token's life are over, and not before", async () => {
    await trust("the authority");
    await node.run("web", spec);
    await node.until("web", isRunning);
    const first = await found("web", "token");

    node.clock.advance(45 * MINUTE_MS);
    await node.pass(90);
    expect(await found("web", "token")).toBe(first);
    node.clock.advance(3 * MINUTE_MS);
    await node.pass(90);

    await expect.poll(() => found("web", "token")).not.toBe(first);
  });

  test("stay as they are while nobody renews them", async () => {
    await trust("the authority");
    await node.run("web", spec);
    await node.until("web", isRunning);
    const first = await found("web", "token");
    let asked = 0;
    node.network.fault = (request) => {
      if (!request.path.endsWith("/token")) return undefined;
      asked++;
      return unreachable(request);
    };

    node.clock.advance(52 * MINUTE_MS);
    await node.pass(90);

    await expect.poll(() => asked).toBeGreaterThan(0);

    expect(await found("web", "token")).toBe(first);
    expect(isRunning(await node.get("web"))).toBe(true);
  });
});

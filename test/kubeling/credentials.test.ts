import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CertificateSigningRequest } from "../../src/api/certificates/certificate-signing-request.ts";
import { Namespace } from "../../src/api/namespace.ts";
import { Pod } from "../../src/api/pod.ts";
import { Secret } from "../../src/api/secret.ts";
import { writeKubeconfig } from "../../src/kubeling/kubeconfig-file.ts";
import { eventually } from "../support/eventually.ts";
import { type Kubectl, kubectls, oldestAndNewest, runKubectl } from "../support/kubectl.ts";
import { startWholeCluster, type WholeCluster } from "../support/whole-cluster.ts";

const LIMIT_MS = 240_000;

let cluster: WholeCluster;
let kubeconfig: string;
/** Knows the cluster, and nobody who uses it. */
let nobody: string;
beforeAll(async () => {
  cluster = await startWholeCluster({ nodes: 1 });
  const { certificates, secureServer: server, directory } = cluster;
  kubeconfig = join(directory, "admin.conf");
  writeKubeconfig({ path: kubeconfig, server, certificates });
  nobody = join(directory, "nobody.conf");
  const config = JSON.parse(readFileSync(kubeconfig, "utf8"));
  writeFileSync(nobody, JSON.stringify({ ...config, users: [{ name: "kubeling", user: {} }] }));
}, LIMIT_MS);
afterAll(() => cluster.stop());

const newest = () => kubectls().at(-1)!;
async function output(kubectl: Kubectl, config: string, args: string[], input = "") {
  const { code, stdout, stderr } = await runKubectl(kubectl, config, args, input);
  expect(code, stderr).toBe(0);
  return stdout;
}
const admin = (args: string[], input = "") => output(newest(), kubeconfig, args, input);

describe.skipIf(kubectls().length === 0)("kubectl", () => {
  test(
    "makes a token, and is that account with it",
    async () => {
      await admin(["create", "serviceaccount", "robot"]);
      const token = (await admin(["create", "token", "robot", "--duration=1h"])).trim();

      const who = await output(newest(), nobody, ["--token", token, "auth", "whoami"]);

      expect(who).toMatch(/Username +system:serviceaccount:default:robot/);
      expect(who).toMatch(
        /\[system:serviceaccounts system:serviceaccounts:default system:authenticated\]/,
      );
    },
    LIMIT_MS,
  );

  test(
    "is told of a token that is bound to what is not there, or too short",
    async () => {
      const short = await runKubectl(newest(), kubeconfig, [
        ...["create", "token", "default", "--duration=1m"],
      ]);
      expect(short.stderr).toContain("may not specify a duration less than 10 minutes");
      const gone = await runKubectl(newest(), kubeconfig, [
        ...["create", "token", "default", "--bound-object-kind=Secret", "--bound-object-name=gone"],
      ]);
      expect(gone.stderr).toContain('secrets "gone" not found');
    },
    LIMIT_MS,
  );

  test.each(oldestAndNewest())(
    "1.$minor is turned away without credentials or with false ones",
    async (kubectl) => {
      const get = ["get", "pods", "--username=x", "--password=x"];
      const without = await runKubectl(kubectl, nobody, get);
      const withFalse = await runKubectl(kubectl, nobody, ["--token=abc", "get", "pods"]);

      for (const { code, stderr } of [without, withFalse]) {
        expect(code).toBe(1);
        expect(stderr).toMatch(/You must be logged in to the server/);
      }
    },
    LIMIT_MS,
  );

  test(
    "acts as others",
    async () => {
      const as = ["--as=jane", "--as-group=dev", "--as-group=a, b", "auth", "whoami", "-o", "json"];
      const { status } = JSON.parse(await admin(as));
      expect(status.userInfo).toMatchObject({
        username: "jane",
        groups: ["dev", "a, b", "system:authenticated"],
      });
      const robot = ["--as=system:serviceaccount:default:robot", "auth", "whoami", "-o", "json"];
      expect(JSON.parse(await admin(robot)).status.userInfo.groups).toEqual([
        "system:serviceaccounts",
        "system:serviceaccounts:default",
        "system:authenticated",
      ]);
    },
    LIMIT_MS,
  );

  test.each(oldestAndNewest())(
    "1.$minor approves a certificate, which then opens the door",
    async (kubectl) => {
      const name = `jane-${kubectl.minor}`;
      const [key, request] = ["key", "csr"].map((end) => join(cluster.directory, `${name}.${end}`));
      const subject = ["-subj", `/O=dev/CN=${name}`, "-keyout", key!, "-out", request!];
      execFileSync("openssl", ["req", "-new", "-newkey", "rsa:2048", "-nodes", ...subject], {
        stdio: "ignore",
      });
      const spec = {
        request: readFileSync(request!).toString("base64"),
        signerName: "kubernetes.io/kube-apiserver-client",
        expirationSeconds: 3600,
        usages: ["client auth"],
      };
      await admin(["create", "-f", "-"], JSON.stringify({ ...requestNamed(name), spec }));
      expect(await output(kubectl, kubeconfig, ["get", "csr", name])).toMatch(/Pending/);

      const said = await output(kubectl, kubeconfig, ["certificate", "approve", name]);

      expect(said).toBe(`certificatesigningrequest.certificates.k8s.io/${name} approved\n`);
      const signed = await eventually(async () => {
        const { status } = await cluster.client.get(CertificateSigningRequest, "", name);
        expect(status?.certificate).toBeDefined();
        return status!.certificate!;
      });
      const certificate = join(cluster.directory, `${name}.crt`);
      writeFileSync(certificate, Buffer.from(signed, "base64"));
      const files = [`--client-certificate=${certificate}`, `--client-key=${key}`];
      const who = await output(newest(), nobody, [...files, "auth", "whoami", "-o", "json"]);
      expect(JSON.parse(who).status.userInfo).toMatchObject({
        username: name,
        groups: ["dev", "system:authenticated"],
      });
      expect(await output(kubectl, kubeconfig, ["get", "csr", name])).toMatch(
        /kubernetes.io\/kube-apiserver-client +kubernetes-admin +(60m +)?Approved,Issued/,
      );
      const { validFrom, validTo } = new X509Certificate(readFileSync(certificate));
      expect(Date.parse(validTo) - Date.parse(validFrom)).toBe(65 * 60_000);
    },
    LIMIT_MS,
  );

  test(
    "denies a certificate, and cannot approve it then",
    async () => {
      const { spec } = CertificateSigningRequest.example;
      await admin(["create", "-f", "-"], JSON.stringify({ ...requestNamed("bob"), spec }));
      await admin(["certificate", "deny", "bob"]);
      expect(await admin(["get", "csr", "bob"])).toMatch(/Denied/);

      const again = await runKubectl(newest(), kubeconfig, ["certificate", "approve", "bob"]);

      expect(again.code).toBe(1);
      expect(again.stderr).toContain('certificate signing request "bob" is already Denied');
    },
    LIMIT_MS,
  );
});

const requestNamed = (name: string) => ({
  apiVersion: "certificates.k8s.io/v1",
  kind: "CertificateSigningRequest",
  metadata: { name },
});

describe("a cluster", () => {
  test(
    "gives a pod a token with which it is known, and whom to trust",
    async () => {
      await cluster.client.create(Namespace, "", { metadata: { name: "shop" }, spec: {} });
      await eventually(() =>
        cluster.client.create(Pod, "shop", {
          metadata: { name: "web" },
          spec: { containers: [{ name: "web", image: "nginx" }] },
        } as never),
      );
      const pod = await eventually(async () => {
        const found = await cluster.client.get(Pod, "shop", "web");
        expect(found.status?.phase).toBe("Running");
        return found;
      });

      expect(pod.spec.volumes?.[0]).toMatchObject({
        name: expect.stringMatching(/^kube-api-access-/),
        projected: { defaultMode: 0o644 },
      });
      expect(pod.spec.containers[0]!.volumeMounts?.[0]).toEqual({
        name: pod.spec.volumes![0]!.name,
        mountPath: "/var/run/secrets/kubernetes.io/serviceaccount",
        readOnly: true,
      });
    },
    LIMIT_MS,
  );

  test(
    "fills a secret that asks for a token",
    async () => {
      await eventually(() =>
        cluster.client.create(Secret, "default", {
          metadata: {
            name: "lasting",
            annotations: { "kubernetes.io/service-account.name": "default" },
          },
          type: "kubernetes.io/service-account-token",
        }),
      );
      const { data } = await eventually(async () => {
        const secret = await cluster.client.get(Secret, "default", "lasting");
        expect(secret.data?.token).toBeDefined();
        return secret;
      });

      expect(Buffer.from(data!.namespace!, "base64").toString()).toBe("default");
      expect(Buffer.from(data!["ca.crt"]!, "base64").toString()).toBe(
        cluster.certificates.ca.certificate,
      );
    },
    LIMIT_MS,
  );
});

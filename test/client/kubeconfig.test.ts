import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connect } from "../../src/client/kubeconfig.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "kubeconfig-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("a kubeconfig", () => {
  test("says which server, who we are and where", () => {
    const { server, headers, namespace } = connect({
      kubeconfig: write(CONFIG),
      userAgent: "kubelet",
    });
    expect(server).toBe("http://10.0.0.1:8080");
    expect(headers).toEqual({ authorization: "Bearer secret", "user-agent": "kubelet" });
    expect(namespace).toBe("shop");
  });

  test("gives way to --master in the server only", () => {
    const { server, headers } = connect({ kubeconfig: write(CONFIG), master: "k8s-master:8080" });
    expect(server).toBe("http://k8s-master:8080");
    expect(headers.authorization).toBe("Bearer secret");
  });

  test("reads the context that is asked for, and a token from a file beside it", () => {
    writeFileSync(path.join(folder, "token"), "from-file\n");
    const { headers, namespace } = connect({ kubeconfig: write(CONFIG), context: "other" });
    expect(headers).toEqual({ authorization: "Bearer from-file" });
    expect(namespace).toBe("default");
  });

  test("is not needed where the server asks for nothing", () => {
    expect(connect({}).server).toBe("http://localhost:8080");
    expect(connect({ master: "https://10.0.0.1:6443" })).toMatchObject({
      server: "https://10.0.0.1:6443",
      headers: {},
      namespace: "default",
    });
  });

  test.each([
    ["contexts: []\ncurrent-context: lost\n", 'context "lost" does not exist in'],
    [
      "contexts: [{name: a, context: {cluster: c}}]\ncurrent-context: a\n",
      'cluster "c" does not exist',
    ],
    ["just words", "is not a kubeconfig"],
  ])("that makes no sense is refused: %j", (text, why) => {
    expect(() => connect({ kubeconfig: write(text) })).toThrow(why);
  });

  test("with a plug-in is refused by the plug-in's name", () => {
    const text = CONFIG.replace("token: secret", "exec: {command: aws}");
    expect(() => connect({ kubeconfig: write(text) })).toThrow('user "student" in');
    expect(() => connect({ kubeconfig: write(text) })).toThrow('"exec" is not supported');
  });
});

const CONFIG = `
apiVersion: v1
kind: Config
current-context: class
clusters:
- name: lab
  cluster: {server: "http://10.0.0.1:8080"}
users:
- name: student
  user: {token: secret}
- name: robot
  user: {tokenFile: token}
contexts:
- name: class
  context: {cluster: lab, user: student, namespace: shop}
- name: other
  context: {cluster: lab, user: robot}
`;

function write(text: string): string {
  const file = path.join(folder, "config");
  writeFileSync(file, text);
  return file;
}

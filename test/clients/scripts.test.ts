/** Client libraries of other languages, over TLS, as a person with a certificate and as an account with a token. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWith } from "../support/needs.ts";
import { type Credentials, linesOf, startClientCluster } from "./client-cluster.ts";

const LIMIT_MS = 240_000;
const CREDENTIALS: Credentials[] = ["certificate", "token"];

let cluster: Awaited<ReturnType<typeof startClientCluster>>;
beforeAll(async () => {
  cluster = await startClientCluster();
}, LIMIT_MS);
afterAll(() => cluster?.stop());

describeWith(["python3-kubernetes"], "the Python client", () => {
  test.each(CREDENTIALS)(
    "lists, watches, patches, runs commands and deletes with a %s",
    async (credentials) => {
      const namespace = await cluster.namespace(`python-${credentials}`);

      const lines = await linesOf("/usr/bin/python3", "client_python.py", [
        cluster.kubeconfigs[credentials],
        namespace,
      ]);

      expect(lines).toEqual([
        "version v1.30.0+kubeling",
        "listed ['settings'] {'color': 'red'}",
        "watched MODIFIED {'color': 'blue', 'size': '1'}",
        "watched MODIFIED {'color': 'green'}",
        "watched DELETED {'color': 'green'}",
        "running web",
        "exec hello",
        "talked got this 3",
        "log 1",
        "scaled 3",
        'refused 404 Not Found pods "nonesuch" not found',
        "refused 422 Invalid",
      ]);
    },
    LIMIT_MS,
  );
});

describeWith(["ruby-kubeclient"], "the Ruby client", () => {
  test.each(CREDENTIALS)(
    "finds its entities, watches, patches and deletes with a %s",
    async (credentials) => {
      const namespace = await cluster.namespace(`ruby-${credentials}`);

      const lines = await linesOf("/usr/bin/ruby", "client_ruby.rb", [
        cluster.kubeconfigs[credentials],
        namespace,
      ]);

      expect(lines).toEqual([
        "api true",
        "entities true",
        "apps true",
        "made settings red",
        'patched {:color=>"blue", :size=>"1"}',
        'listed ["green"]',
        'watched MODIFIED {:color=>"blue"}',
        'watched MODIFIED {:color=>"blue", :size=>"1"}',
        'watched MODIFIED {:color=>"green"}',
        'watched DELETED {:color=>"green"}',
        "running web",
        "log 1",
        "scaled 2",
        'refused 404 pods "nonesuch" not found',
      ]);
    },
    LIMIT_MS,
  );
});

/**
 * Compares this API server with a kube-apiserver: the example of every kind, and thousands of variations of it, are
 * sent to both to be tried (dryRun=All), and whatever is answered differently is printed.
 *
 *   npx tsx scripts/compare/main.ts OURS THEIRS TOKEN [KINDS]
 *
 * OURS and THEIRS are URLs with https; TOKEN is a bearer token that both know; KINDS is a regular expression of
 * "apiVersion kind". See docs/compared.md.
 */
import { apiVersionOf, type Kind } from "../../src/api/kind.ts";
import { kinds, otherShapes } from "../../src/api/kinds.ts";
import { withAliases } from "../../src/api/served-versions.ts";
import { differences } from "./differences.ts";
import { Mutations, mutated } from "./mutations.ts";
import { Server } from "./server.ts";

const [ourUrl, theirUrl, token = "", only = ""] = process.argv.slice(2);
if (ourUrl === undefined || theirUrl === undefined) {
  process.stderr.write("usage: npx tsx scripts/compare/main.ts OURS THEIRS TOKEN [KINDS]\n");
  process.exit(2);
}
const ours = new Server(ourUrl, token);
const theirs = new Server(theirUrl, token);
const { definitions } = (await theirs.ask("GET", "/openapi/v2")).json;
const mutations = new Mutations(definitions);

let [asked, different] = [0, 0];
for (const kind of [...withAliases(kinds), ...otherShapes]) {
  if (new RegExp(only).test(`${apiVersionOf(kind)} ${kind.kind}`)) await compare(kind);
}
process.stdout.write(`${asked} requests, ${different} answered differently\n`);

async function compare(kind: Kind): Promise<void> {
  const example = { ...structuredClone(kind.example), apiVersion: apiVersionOf(kind) };
  const root = kind.group === "" ? "/api" : "/apis";
  const place = kind.namespaced ? "/namespaces/default" : "";
  const path = `${root}/${apiVersionOf(kind)}${place}/${kind.plural}?dryRun=All&fieldValidation=Ignore`;
  for (const mutation of mutations.of(example)) {
    const object = mutated(example, mutation);
    if (object === undefined) continue;
    const [a, b] = await Promise.all([
      ours.ask("POST", path, object),
      theirs.ask("POST", path, object),
    ]);
    asked++;
    const found = differences(a, b);
    if (found.length === 0) continue;
    different++;
    const changed = `${mutation.path.join(".")}=${JSON.stringify(mutation.value)}`;
    process.stdout.write(
      `${apiVersionOf(kind)} ${kind.kind} ${changed}\n  ${found.join("\n  ")}\n`,
    );
  }
}

/**
 * Runs the test files once more that a whole run's report (vitest's JSON) calls failed, each by itself, and says which
 * of them passed then. One or two files only: more than that is no accident of timing. See docs/decisions/one-failed-test.md.
 *
 * Usage: node scripts/test-again.mjs REPORT.json
 */
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { root, run } from "./setup.mjs";

const MOST = 2;

const { testResults } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const failed = testResults
  .filter(({ status }) => status === "failed")
  .map(({ name }) => relative(root, name));
// Without a failed file it was something else: an error nobody caught, or a crash.
if (failed.length === 0 || failed.length > MOST) process.exit(1);

process.stdout.write(`\nFAILED, and run once more: ${failed.join(", ")}\n`);
run("npm", ["test", "--silent", "--", ...failed]);
process.stdout.write(`\nFLAKY: ${failed.join(", ")} failed above and passed now. Find out why.\n`);

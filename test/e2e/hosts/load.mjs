/**
 * Asks a URL again and again, a new connection each time, until its standard input ends or the number
 * asked for is reached; then prints who answered how often, and what failed and when, as JSON.
 *
 *   node load.mjs http://10.254.0.7/ [number]
 */
import { get } from "node:http";

const [url, number = "Infinity"] = process.argv.slice(2);
const TIMEOUT_MS = 30_000;
const began = performance.now();
const answers = {};
const failures = [];
let isOver = false;
process.stdin.resume().on("end", () => {
  isOver = true;
});

function ask() {
  return new Promise((resolve, reject) => {
    const asked = get(url, { agent: false, timeout: TIMEOUT_MS }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        body += chunk;
      });
      response.on("error", reject);
      response.on("end", () =>
        response.statusCode === 200
          ? resolve(body.trim())
          : reject(new Error(`${response.statusCode}`)),
      );
    });
    asked.on("timeout", () => asked.destroy(new Error("timeout")));
    asked.on("error", reject);
  });
}

process.stdout.write("asking\n");
for (let i = 0; i < Number(number) && !isOver; i++) {
  const atMs = Math.round(performance.now() - began);
  try {
    const who = await ask();
    answers[who] = (answers[who] ?? 0) + 1;
  } catch (error) {
    failures.push({ atMs, reason: error.code ?? error.message });
  }
}
process.stdout.write(`${JSON.stringify({ answers, failures })}\n`);
process.exit();

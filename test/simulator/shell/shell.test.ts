import { getEventListeners } from "node:events";
import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../../src/component/random.ts";
import { containerFiles } from "../../../src/simulator/container-files.ts";
import { SimulatedFiles } from "../../../src/simulator/files.ts";
import { shellProgram } from "../../../src/simulator/programs/shell.ts";
import { TestClock } from "../../support/test-clock.ts";

const files = () => containerFiles(new SimulatedFiles(), [], { "/etc/hostname": "web-1\n" });

describe("the simulated shell", () => {
  test.each([
    ["echo hello world", "hello world\n"],
    ["echo -n 'a  b'; echo \" c\"", "a  b c\n"],
    ["hostname; cat /etc/hostname", "web-1\nweb-1\n"],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is for the shell
    ["NAME=you; echo hi $NAME ${NAME}s ${NONE:-nobody}", "hi you yous nobody\n"],
    ["for i in 1 2 3; do echo $i; done", "1\n2\n3\n"],
    ["i=0; while [ $i -lt 3 ]; do i=$((i+1)); echo $i; done", "1\n2\n3\n"],
    ["if [ -f /etc/hostname ]; then echo yes; else echo no; fi", "yes\n"],
    ["false || echo or; true && echo and; ! false && echo not", "or\nand\nnot\n"],
    ["echo one > /tmp/f; echo two >> /tmp/f; cat /tmp/f | grep t", "two\n"],
    ["echo $(echo inner $(echo deep))", "inner deep\n"],
    ["seq 5 | wc -l", "5\n"],
    ["while true; do echo once; break; done", "once\n"],
    ["echo lost > /dev/null; echo err >&2; echo out", "err\nout\n"],
    ["date +%Y", "2014\n"],
    ["cd /etc; pwd; ls", "/etc\nhostname\n"],
    ["printf '%s-%d\\n' a 1", "a-1\n"],
    ["(echo sub; exit 3); echo after", "sub\n"],
    ["echo a; # a comment\necho b", "a\nb\n"],
    ["printf 'a b c\nd' | (read x y; echo $y $x; cat)", "b c a\nd"],
    ["printf '1\n2\n' | while read n; do echo $n.; done", "1.\n2.\n"],
    ["printf 'cut off' | (read x || echo $x)", "cut off\n"],
    ["cd /etc; tar cf /tmp/a.tar hostname; cd /tmp; tar -xmf a.tar; cat hostname", "web-1\n"],
    [
      "tar cf - /etc/hostname | tar tf -",
      "tar: removing leading '/' from member names\netc/hostname\n",
    ],
    [
      "tar cf - nowhere | tar t; echo",
      "tar: nowhere: No such file or directory\ntar: error exit delayed from previous errors\n\n",
    ],
  ])("runs %s", async (script, output) => {
    expect((await run(script)).output).toBe(output);
  });

  test.each([
    ["true", 0],
    ["false", 1],
    ["exit 7", 7],
    ["nonesuch", 127],
    ["false; true", 0],
    ["cat /nowhere", 1],
    ["if true", 2],
  ])("%s ends with exit code %i", async (script, code) => {
    expect((await run(script)).code).toBe(code);
  });

  test("says what it does not know", async () => {
    expect((await run("nonesuch")).output).toBe("sh: nonesuch: not found\n");
    expect((await run("case x in esac")).output).toContain('"case" is not known');
  });

  test("sleeps as long as the clock says, and does not heed SIGTERM", async () => {
    const process = start("sleep 60; echo awake");
    process.terminate();
    await process.pass(59_000);
    expect(process.output()).toBe("");

    await process.pass(1_000);
    expect(await process.code).toBe(0);
    expect(process.output()).toBe("awake\n");
  });

  test("ends on SIGTERM where the script has a trap for it", async () => {
    const process = start("trap 'echo bye; exit 5' TERM; while true; do sleep 1; done");
    await process.pass(0);
    process.terminate();

    expect(await process.code).toBe(5);
    expect(process.output()).toBe("bye\n");
  });

  test("no longer listens for SIGTERM when it has ended", async () => {
    const process = start("echo done");
    expect(getEventListeners(process.terminated, "abort")).toHaveLength(1);

    await process.code;

    expect(getEventListeners(process.terminated, "abort")).toHaveLength(0);
  });

  test("on a terminal prompts, echoes, and takes corrections", async () => {
    const process = start(undefined, { isTerminal: true });
    process.stdin.write("echo hx\u007fi\r");
    process.stdin.end("exit 4\r");

    expect(await process.code).toBe(4);
    expect(process.output()).toBe("/ # echo hx\b \bi\nhi\n/ # exit 4\n");
  });
});

async function run(script: string): Promise<{ code: number; output: string }> {
  const process = start(script);
  const code = await process.code;
  return { code, output: process.output() };
}

function start(script: string | undefined, { isTerminal = false } = {}) {
  const clock = new TestClock();
  const terminated = new AbortController();
  const killed = new AbortController();
  const stdin = new PassThrough();
  let output = "";
  const code = shellProgram({
    argv: script === undefined ? ["sh"] : ["sh", "-c", script],
    env: new Map(),
    ...{
      hostname: "web-1",
      ip: "10.244.1.2",
      workingDir: "/",
      ports: [],
      isTerminal,
      stdin,
      clock,
    },
    write: (_stream, text) => {
      output += text;
    },
    drained: () => Promise.resolve(),
    files: files(),
    random: seededRandom(1),
    terminated: terminated.signal,
    killed: killed.signal,
    startedAt: clock.now(),
    listen: () => undefined,
    connect: () => Promise.reject(new Error("no network")),
  });
  return {
    code,
    stdin,
    output: () => output,
    terminated: terminated.signal,
    terminate: () => terminated.abort(),
    async pass(ms: number) {
      for (let turns = 0; turns < 10; turns++) await new Promise((r) => setImmediate(r));
      clock.advance(ms);
      for (let turns = 0; turns < 10; turns++) await new Promise((r) => setImmediate(r));
    },
  };
}

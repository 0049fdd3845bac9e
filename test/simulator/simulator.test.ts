import { Writable } from "node:stream";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AddressPool } from "../../src/simulator/address-pool.ts";
import { ContainerLog } from "../../src/simulator/container-log.ts";
import { SimulatedFiles } from "../../src/simulator/files.ts";
import { parseImageName, whyMissing } from "../../src/simulator/images.ts";
import { SimulatedNetwork } from "../../src/simulator/network.ts";

describe("an address pool", () => {
  test("never gives an address to two", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 400 }), (steps) => {
        const pool = new AddressPool("10.244.3.0/24");
        const taken: string[] = [];
        for (const isTake of steps) {
          if (isTake && taken.length < 253) taken.push(pool.take());
          else if (taken.length > 0) pool.giveBack(taken.shift()!);
          expect(new Set(taken).size).toBe(taken.length);
        }
      }),
    );
  });

  test("begins behind the gateway, and says when it is empty", () => {
    const pool = new AddressPool("10.0.0.0/29");
    expect([1, 2, 3, 4, 5].map(() => pool.take())).toEqual(
      [2, 3, 4, 5, 6].map((n) => `10.0.0.${n}`),
    );
    expect(() => pool.take()).toThrow("no IP addresses available");
  });
});

describe("a simulated log", () => {
  const at = (second: number) => new Date(Date.UTC(2014, 5, 6, 0, 0, second));

  test.each([
    [{}, "one\ntwo\nthree\n"],
    [{ tailLines: 1 }, "three\n"],
    [{ tailLines: 0 }, ""],
    [{ since: at(2) }, "two\nthree\n"],
    [{ limitBytes: 6 }, "one\ntw"],
    [{ tailLines: 1, timestamps: true }, "2014-06-06T00:00:03.000000000Z three\n"],
  ])("with %j gives %j", async (options, expected) => {
    const log = new ContainerLog();
    log.append("stdout", "one\n", at(1));
    log.append("stderr", "tw", at(1));
    log.append("stderr", "o\n", at(2));
    log.append("stdout", "three\n", at(3));

    expect(await textOf(log, { follow: false, timestamps: false, ...options })).toBe(expected);
  });

  test("is followed to its end, from the line asked for", async () => {
    const log = new ContainerLog();
    log.append("stdout", "old\n", at(1));
    const text = textOf(log, { follow: true, timestamps: false, tailLines: 0 });

    log.append("stdout", "new\n", at(2));
    log.append("stdout", "unfinished", at(3));
    log.close(at(4));

    expect(await text).toBe("new\nunfinished");
  });

  test("keeps the newest lines when it grows too long", async () => {
    const log = new ContainerLog();
    for (let line = 0; line < 10_000; line++)
      log.append("stdout", `${"x".repeat(90)} ${line}\n`, at(1));
    const text = await textOf(log, { follow: false, timestamps: false });

    expect(text.length).toBeLessThan(300_000);
    expect(text.endsWith(" 9999\n")).toBe(true);
  });
});

describe("simulated images", () => {
  test.each([
    ["nginx", "docker.io/library/nginx:latest"],
    ["nginx:1.25", "docker.io/library/nginx:1.25"],
    ["me/web", "docker.io/me/web:latest"],
    ["localhost:5000/web:v1", "localhost:5000/web:v1"],
    ["registry.k8s.io/pause:3.9", "registry.k8s.io/pause:3.9"],
  ])("%s is %s", (name, full) => {
    expect(parseImageName(name)?.full).toBe(full);
  });

  test.each(["NGINX", "a b", "", "nginx:", "web//x"])("%j is no name", (name) => {
    expect(parseImageName(name)).toBeUndefined();
  });

  test("that do not exist cannot be pulled", () => {
    expect(whyMissing(parseImageName("nonexistent")!)).toContain("pull access denied");
    expect(whyMissing(parseImageName("nginx:nonexistent")!)).toContain("manifest unknown");
    expect(whyMissing(parseImageName("nginx")!)).toBeUndefined();
  });
});

describe("simulated files", () => {
  test("follow links, as volumes written atomically need", async () => {
    const files = new SimulatedFiles();
    await files.write("/v/..1/key", Buffer.from("old"), 0o644);
    await files.write("/v/..2/key", Buffer.from("new"), 0o644);
    await files.link("..1", "/v/..data");
    await files.link("..data/key", "/v/key");
    expect(`${await files.read("/v/key")}`).toBe("old");

    await files.link("..2", "/v/..data");
    expect(`${await files.read("/v/key")}`).toBe("new");
  });

  test("that are links in a circle are not there", async () => {
    const files = new SimulatedFiles();
    await files.link("/b", "/a");
    await files.link("/a", "/b");
    expect(await files.kindOf("/a")).toBeUndefined();
  });
});

test("the simulated network refuses a port where nobody listens", async () => {
  const network = new SimulatedNetwork();
  const close = network.listen("10.0.0.2", 80, (connection) => connection.end("hello"));
  let text = "";
  for await (const chunk of await network.connect("10.0.0.2", 80)) text += String(chunk);
  expect(text).toBe("hello");

  close();
  await expect(network.connect("10.0.0.2", 80)).rejects.toThrow("connection refused");
});

async function textOf(
  log: ContainerLog,
  options: { follow: boolean; timestamps: boolean; tailLines?: number },
): Promise<string> {
  let text = "";
  const out = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  await log.copyTo({ ...options, signal: new AbortController().signal }, out, out);
  return text;
}

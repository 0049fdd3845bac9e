import { once } from "node:events";
import { expect, test } from "vitest";
import { linkedPair } from "../../src/component/linked-pair.ts";

test("the end of a linked pair learns that the other has been destroyed", async () => {
  const [a, b] = linkedPair();
  const closed = once(b, "close");
  a.destroy();
  await closed;
  expect(b.destroyed).toBe(true);
});

test("what was written before the end arrives", async () => {
  const [a, b] = linkedPair();
  a.end("all of it");
  let text = "";
  for await (const chunk of b) text += String(chunk);
  expect(text).toBe("all of it");
});

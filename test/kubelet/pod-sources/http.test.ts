import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Pod } from "../../../src/api/pod.ts";
import { silentLog } from "../../../src/component/log.ts";
import { HttpSource } from "../../../src/kubelet/pod-sources/http.ts";
import { TestClock } from "../../support/test-clock.ts";

const manifest = (image: string) =>
  `{"kind": "Pod", "metadata": {"name": "web"}, "spec": {"containers": [{"name": "a", "image": "${image}"}]}}`;

describe("a manifest at a URL", () => {
  let server: Server;
  let answer: { status: number; text: string };
  let asked: (string | undefined)[];
  let source: HttpSource;
  let told: string[];
  const listener = {
    set: (pod: Pod) => told.push(`set ${pod.metadata.name} ${pod.spec.containers[0]?.image}`),
    remove: (pod: Pod) => told.push(`remove ${pod.spec.containers[0]?.image}`),
    seen: () => told.push("seen"),
  };
  beforeEach(async () => {
    asked = [];
    told = [];
    answer = { status: 200, text: manifest("nginx") };
    server = createServer((request, response) => {
      asked.push(request.headers["x-token"] as string | undefined);
      response.writeHead(answer.status).end(answer.text);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    source = new HttpSource({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/pod.json`,
      headers: { "X-Token": "secret" },
      periodMs: 20_000,
      nodeName: "node1",
      clock: new TestClock(),
      log: silentLog,
      signal: new AbortController().signal,
    });
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  test("makes a pod, once, and is asked for with the header given", async () => {
    await source.look(listener);
    await source.look(listener);

    expect(told).toEqual(["set web-node1 nginx", "seen", "seen"]);
    expect(asked).toEqual(["secret", "secret"]);
  });

  test("that changes makes another pod of the old one", async () => {
    await source.look(listener);
    answer.text = manifest("httpd");
    await source.look(listener);

    expect(told).toEqual([
      ...["set web-node1 nginx", "seen"],
      ...["remove nginx", "set web-node1 httpd", "seen"],
    ]);
  });

  test.each([
    [500, manifest("nginx")],
    [200, ""],
    [200, "kind: Nonsense"],
  ])("answered with %i and %j leaves the pods as they are", async (status, text) => {
    await source.look(listener);
    answer = { status, text };
    await source.look(listener);

    expect(told).toEqual(["set web-node1 nginx", "seen"]);
  });
});

import { Counter, Registry } from "prom-client";
import { afterEach, describe, expect, test } from "vitest";
import {
  type HealthCheck,
  type HealthServer,
  startHealthServer,
} from "../../src/component/health-server.ts";

let server: HealthServer;
afterEach(() => server.stop());

const well: HealthCheck = { name: "etcd", check: () => undefined };
const ill: HealthCheck = { name: "etcd", check: () => Promise.reject(new Error("it is away")) };
const starting: HealthCheck = {
  name: "poststarthook/bootstrap",
  check() {
    throw new Error("not finished");
  },
};

async function serve(...checks: HealthCheck[]) {
  server = await startHealthServer({ address: "127.0.0.1", port: 0, checks });
}

async function get(path: string): Promise<{ status: number; body: string }> {
  const response = await fetch(server.url + path);
  return { status: response.status, body: await response.text() };
}

describe("the health server", () => {
  test.each(["/healthz", "/livez", "/readyz"])(
    "answers %s with ok when all is well",
    async (path) => {
      await serve(well);
      expect(await get(path)).toEqual({ status: 200, body: "ok" });
    },
  );

  test("lists its checks when asked", async () => {
    await serve(well);
    const body = "[+]ping ok\n[+]etcd ok\nhealthz check passed\n";
    expect(await get("/healthz?verbose")).toEqual({ status: 200, body });
  });

  test("names the check that failed, and withholds the reason", async () => {
    await serve(ill);
    const body = "[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed\n";
    expect(await get("/readyz")).toEqual({ status: 500, body });
  });

  test("leaves out a check it is told to", async () => {
    await serve(ill, starting);
    const path = "/livez?verbose&exclude=etcd&exclude=poststarthook/bootstrap";
    const lines = ["[+]ping ok", "[+]etcd excluded: ok", "[+]poststarthook/bootstrap excluded: ok"];
    const body = [...lines, "livez check passed", ""].join("\n");
    expect(await get(path)).toEqual({ status: 200, body });
  });

  test.each([
    ["/healthz/ping", 200, "ok"],
    ["/healthz/etcd", 500, "internal server error: it is away\n"],
    ["/healthz/poststarthook/bootstrap", 500, "internal server error: not finished\n"],
    ["/healthz/other", 404, "404 page not found\n"],
    ["/other", 404, "404 page not found\n"],
  ])("answers %s with %d", async (path, status, body) => {
    await serve(ill, starting);
    expect(await get(path)).toEqual({ status, body });
  });

  test("serves metrics in the format of Prometheus", async () => {
    const metrics = new Registry();
    new Counter({ name: "things_total", help: "Things.", registers: [metrics] }).inc(3);
    server = await startHealthServer({ address: "127.0.0.1", port: 0, metrics });
    expect((await get("/metrics")).body).toContain("things_total 3\n");
  });

  test("shows the flags it runs with", async () => {
    const flags = { port: 10251, master: "http://m:8080" };
    server = await startHealthServer({ address: "127.0.0.1", port: 0, flags, config: flags });
    expect((await get("/debug/flags")).body).toBe('--port=10251\n--master="http://m:8080"\n');
    expect(JSON.parse((await get("/configz")).body)).toEqual(flags);
  });

  test("refuses to start where the port is taken", async () => {
    await serve();
    const port = Number(new URL(server.url).port);
    await expect(startHealthServer({ address: "127.0.0.1", port })).rejects.toThrow("EADDRINUSE");
  });
});

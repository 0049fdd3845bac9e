/** The words of `kubeling explain service`, case by case, in golden/explained/. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { explainService } from "../../src/proxy/explain.ts";
import { PROXY_MODES } from "../../src/proxy/mode.ts";
import { aService, CASES, NODE } from "./cases.ts";

const cases = CASES.flatMap((one) => PROXY_MODES.map((mode) => ({ ...one, mode })));

describe("a service explained", () => {
  test.each(cases)("$name in $mode mode", async ({ name, services, endpoints, options, mode }) => {
    const [service] = services;
    const about = { service: service!, endpoints: endpoints[0], nodeName: NODE, mode };
    const text = explainService({ ...about, iptables: options });
    await expect(text).toMatchFileSnapshot(`golden/explained/${name}.${mode}.txt`);
  });

  test("gives every endpoint the same odds, however many there are", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), (count) => {
        const addresses = Array.from({ length: count }, (_, i) => ({ ip: `172.16.3.${i + 1}` }));
        const text = explainService({
          service: aService({}),
          endpoints: {
            apiVersion: "v1",
            kind: "Endpoints",
            metadata: { name: "web", namespace: "default" },
            subsets: [{ addresses, ports: [{ name: "http", port: 8080 }] }],
          },
          nodeName: NODE,
          mode: "iptables",
        });
        const odds = [...text.matchAll(/:8080 ([\d.]+) %/g)].map((found) => Number(found[1]));
        expect(odds).toHaveLength(count);
        for (const chance of odds) expect(chance).toBeCloseTo(100 / count, 0);
      }),
    );
  });

  test("names the port that the userspace proxy listens on, where that is known", () => {
    const text = explainService({
      ...{ service: aService({}), endpoints: undefined, nodeName: NODE, mode: "userspace" },
      proxyPorts: new Map([["default/web:http", 34_501]]),
    });
    expect(text).toContain("hand it to the proxy, on port 34501\n");
    expect(text).toContain("The proxy has no endpoint, and closes the connection.");
  });

  test.each([
    [{ type: "ExternalName", externalName: "db.example.com" }, "DNS answers with db.example.com."],
    [{ clusterIP: "None" }, "it is headless, and DNS answers with the addresses of its pods."],
    [{ clusterIP: "" }, "It has no rules: it has no cluster IP for IPv4."],
  ])("says why there are no rules for %j", (spec, words) => {
    const about = { service: aService({ spec }), endpoints: undefined, nodeName: NODE };
    expect(explainService({ ...about, mode: "iptables" })).toContain(words);
  });
});

/** The text of `--proxy-mode=iptables`, case by case, in golden/iptables/. */
import { describe, expect, test } from "vitest";
import { joinServices } from "../../src/proxy/endpoints-map.ts";
import { compileIptablesRules } from "../../src/proxy/iptables-rules.ts";
import { restoreText } from "../../src/proxy/rule-set.ts";
import { CASES, NODE } from "./cases.ts";

describe("the rules of iptables mode", () => {
  test.each(CASES)("for $name", async ({ name, services, endpoints, options }) => {
    const rules = compileIptablesRules(joinServices(services, endpoints, NODE), options);
    const text = restoreText(rules.filter) + restoreText(rules.nat);
    await expect(text).toMatchFileSnapshot(`golden/iptables/${name}.rules`);
  });
});

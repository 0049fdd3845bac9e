/** The text of `--proxy-mode=userspace`, case by case, in golden/userspace/. */
import { describe, expect, test } from "vitest";
import { joinServices } from "../../src/proxy/endpoints-map.ts";
import { restoreText } from "../../src/proxy/rule-set.ts";
import { compilePortalRules } from "../../src/proxy/userspace/portal-rules.ts";
import { CASES, NODE } from "./cases.ts";

const FIRST_PROXY_PORT = 34_501;

function rulesOf({ services, endpoints }: (typeof CASES)[number], bindAddress = "0.0.0.0") {
  const portals = joinServices(services, endpoints, NODE).map(({ servicePort }, i) => ({
    servicePort,
    proxyPort: FIRST_PROXY_PORT + i,
  }));
  const { filter, nat } = compilePortalRules(portals, { bindAddress, hostIP: "192.0.2.1" });
  return restoreText(filter) + restoreText(nat);
}

describe("the rules of userspace mode", () => {
  test.each(CASES)("for $name", async (one) => {
    await expect(rulesOf(one)).toMatchFileSnapshot(`golden/userspace/${one.name}.rules`);
  });

  test("lead to the one address that the proxies listen on", () => {
    const text = rulesOf(CASES.find(({ name }) => name === "one-endpoint")!, "192.0.2.9");
    expect(text).toContain(
      "-A KUBE-PORTALS-CONTAINER -m comment --comment default/web:http -p tcp -m tcp --dport 80 " +
        "-d 10.254.1.1/32 -j DNAT --to-destination 192.0.2.9:34501\n",
    );
    expect(text).toContain("-A KUBE-PORTALS-HOST");
    expect(text).not.toContain("REDIRECT");
  });
});

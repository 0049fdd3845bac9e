import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseSubnet } from "../../src/flannel/subnet.ts";
import { readPreviousSubnet, writeSubnetFile } from "../../src/flannel/subnet-file.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kubeling-subnet-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe("the subnet file", () => {
  const content = {
    network: parseSubnet("10.5.0.0/16")!,
    subnet: parseSubnet("10.5.34.0/24")!,
    mtu: 1450,
    ipMasq: true,
  };

  test("has the four lines of flannel, in its directory made for it, and nothing beside it", async () => {
    const path = join(directory, "run", "flannel", "subnet.env");
    await writeSubnetFile(path, content);
    expect(readFileSync(path, "utf8")).toBe(
      "FLANNEL_NETWORK=10.5.0.0/16\nFLANNEL_SUBNET=10.5.34.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n",
    );
    expect(readdirSync(join(directory, "run", "flannel"))).toEqual(["subnet.env"]);
  });

  test("says after a restart which subnet it was", async () => {
    const path = join(directory, "subnet.env");
    expect(await readPreviousSubnet(path)).toBeUndefined();
    await writeSubnetFile(path, content);
    expect(await readPreviousSubnet(path)).toEqual(content.subnet);
    writeFileSync(path, "FLANNEL_SUBNET=nonsense\n");
    expect(await readPreviousSubnet(path)).toBeUndefined();
  });
});

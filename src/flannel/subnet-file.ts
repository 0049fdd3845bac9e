/**
 * /run/flannel/subnet.env: what Docker has to know of the subnet, as variables of a shell.
 *
 * It appears whole or not at all, for it is waited for; and after a restart it says which subnet
 * this host had, whose addresses its containers still have.
 *
 * In Kubernetes: github.com/flannel-io/flannel/subnet/subnet.go, WriteSubnetFile
 */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { formatAddress, formatSubnet, parseSubnet, type Subnet } from "./subnet.ts";

export interface SubnetFile {
  network: Subnet;
  subnet: Subnet;
  mtu: number;
  ipMasq: boolean;
}

export async function writeSubnetFile(path: string, content: SubnetFile): Promise<void> {
  const directory = dirname(path);
  await mkdir(directory, { recursive: true, mode: 0o755 });
  const temporary = join(directory, `.${basename(path)}`);
  await writeFile(temporary, subnetFileText(content));
  await rename(temporary, path);
}

/** The address of the subnet is the one its bridge gets: the first that a host can have. */
export function subnetFileText({ network, subnet, mtu, ipMasq }: SubnetFile): string {
  return [
    `FLANNEL_NETWORK=${formatSubnet(network)}`,
    `FLANNEL_SUBNET=${formatAddress(subnet.address + 1)}/${subnet.length}`,
    `FLANNEL_MTU=${mtu}`,
    `FLANNEL_IPMASQ=${ipMasq}`,
    "",
  ].join("\n");
}

/** The subnet of before; undefined where there is no such file, or nothing to be read in it. */
export async function readPreviousSubnet(path: string): Promise<Subnet | undefined> {
  try {
    const text = await readFile(path, "utf8");
    return parseSubnet(/^FLANNEL_SUBNET=(.*)$/m.exec(text)?.[1]?.trim() ?? "");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

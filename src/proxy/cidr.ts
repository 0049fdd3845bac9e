/**
 * IPv4 networks: "10.254.0.0/16".
 *
 * In Kubernetes: Go's net.IPNet.Contains
 */
export function holdsAddress(cidr: string, address: string): boolean {
  const [network = "", length = "32"] = cidr.split("/");
  const hostBits = 2 ** (32 - Number(length));
  return Math.floor(numberOf(network) / hostBits) === Math.floor(numberOf(address) / hostBits);
}

function numberOf(address: string): number {
  return address.split(".").reduce((value, part) => value * 256 + Number(part), 0);
}

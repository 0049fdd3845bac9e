/**
 * The command line of flanneld in the form all our daemons read: Go's own flag package takes one dash
 * for two (`-iface=eth0`), and what is not given is looked for in the environment (`FLANNELD_IFACE=eth0`).
 *
 * In Kubernetes: Go's flag package, github.com/coreos/pkg/flagutil
 */
import type { FlagSet } from "../component/flags.ts";

const FLAG = /^--?([^-=][^=]*)(=.*)?$/s;

export function flanneldArguments(
  flags: FlagSet,
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): string[] {
  const { normal, given } = withTwoDashes(flags, args);
  const fromEnvironment = Object.keys(flags).flatMap((name) => {
    const value = environment[`FLANNELD_${name.toUpperCase().replaceAll("-", "_")}`];
    return value && !given.has(name) ? [`--${name}=${value}`] : [];
  });
  return [...fromEnvironment, ...normal];
}

function withTwoDashes(flags: FlagSet, args: readonly string[]) {
  const normal: string[] = [];
  const given = new Set<string>();
  const left = [...args];
  for (let arg = left.shift(); arg !== undefined; arg = left.shift()) {
    const [, written = "", value] = FLAG.exec(arg) ?? [];
    if (arg === "--" || written === "") {
      normal.push(arg, ...left.splice(0));
      break;
    }
    const name = written.replaceAll("_", "-");
    given.add(name);
    normal.push(`--${written}${value ?? ""}`);
    const { type } = flags[name] ?? { type: "bool" };
    // Its value is the next argument, whatever that looks like.
    if (value === undefined && type !== "bool" && left.length > 0) normal.push(left.shift()!);
  }
  return { normal, given };
}

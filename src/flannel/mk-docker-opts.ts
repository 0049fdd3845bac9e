/**
 * From the subnet file to Docker's options: what flannel's unit runs when it has started, so that
 * Docker's bridge gets its address and packet size from the network.
 *
 *   FLANNEL_SUBNET=10.5.34.1/24   ->   DOCKER_OPT_BIP="--bip=10.5.34.1/24"
 *   FLANNEL_MTU=1450                   DOCKER_OPT_MTU="--mtu=1450"
 *   FLANNEL_IPMASQ=true                DOCKER_OPT_IPMASQ="--ip-masq=false"    one of the two, never both
 *                                      DOCKER_OPTS=" --bip=... --ip-masq=... --mtu=..."
 *
 * In Kubernetes: github.com/flannel-io/flannel/dist/mk-docker-opts.sh (0.7)
 */
export interface DockerOptionsCall {
  args: readonly string[];
  environment: Readonly<Record<string, string | undefined>>;
  /** Undefined where there is no such file. */
  read(path: string): string | undefined;
  write(path: string, text: string): void;
  stderr(text: string): void;
}

interface Settings {
  flannelFile: string;
  dockerFile: string;
  combinedKey: string;
  isIndividual: boolean;
  isCombined: boolean;
  withIpMasq: boolean;
}

type Variables = Record<string, string | undefined>;

const USAGE = `mk-docker-opts.sh [-f FLANNEL-ENV-FILE] [-d DOCKER-ENV-FILE] [-i] [-c] [-m] [-k COMBINED-KEY]

Generate Docker daemon options based on flannel env file
OPTIONS:
	-f	Path to flannel env file. Defaults to /run/flannel/subnet.env
	-d	Path to Docker env file to write to. Defaults to /run/docker_opts.env
	-i	Output each Docker option as individual var. e.g. DOCKER_OPT_MTU=1500
	-c	Output combined Docker options into DOCKER_OPTS var
	-k	Set the combined options key to this value (default DOCKER_OPTS=)
	-m	Do not output --ip-masq (useful for older Docker version)
`;

/** The exit code. */
export function makeDockerOptions(call: DockerOptionsCall): number {
  const settings = settingsOf(call.args);
  if (settings === undefined) {
    call.stderr(USAGE);
    return 1;
  }
  const variables = {
    ...call.environment,
    ...assignmentsIn(call.read(settings.flannelFile) ?? ""),
  };
  const { FLANNEL_IPMASQ: ipMasq } = variables;
  if (settings.withIpMasq && ipMasq && ipMasq !== "true" && ipMasq !== "false") {
    call.stderr(`Invalid value of FLANNEL_IPMASQ: ${ipMasq}\n`);
    return 1;
  }
  call.write(settings.dockerFile, dockerFileText(settings, variables));
  return 0;
}

function dockerFileText(
  { isIndividual, isCombined, combinedKey, withIpMasq }: Settings,
  variables: Variables,
): string {
  const { FLANNEL_SUBNET: subnet, FLANNEL_MTU: mtu, FLANNEL_IPMASQ: ipMasq } = variables;
  const all = {
    ...variables,
    ...(subnet ? { DOCKER_OPT_BIP: `--bip=${subnet}` } : {}),
    ...(mtu ? { DOCKER_OPT_MTU: `--mtu=${mtu}` } : {}),
    // If flannel masquerades Docker must not, and the other way round.
    ...(ipMasq && withIpMasq ? { DOCKER_OPT_IPMASQ: `--ip-masq=${ipMasq !== "true"}` } : {}),
  };
  const options = Object.entries<string | undefined>(all)
    .filter(([name]) => name.startsWith("DOCKER_OPT_"))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const before = variables[combinedKey];
  // One space before each option, and one more behind what was there: a unit may compare the text.
  const combined = [before ? `${before} ` : "", ...options.map(([, value]) => value)].join(" ");
  return [
    ...(isIndividual ? options.map(([name, value]) => `${name}="${value}"\n`) : []),
    ...(isCombined ? [`${combinedKey}="${combined}"\n`] : []),
  ].join("");
}

/** Letters may stand together, as getopts has it: "-ck NAME". Undefined for one it does not know. */
function settingsOf(args: readonly string[]): Settings | undefined {
  const given = new Map<string, string>();
  const left = [...args];
  for (
    let arg = left.shift();
    arg?.startsWith("-") && arg !== "-" && arg !== "--";
    arg = left.shift()
  ) {
    for (let letters = arg.slice(1); letters !== ""; ) {
      const letter = letters[0]!;
      letters = letters.slice(1);
      const takesValue = "fdk".includes(letter);
      const value = takesValue ? letters || left.shift() : "";
      if (value === undefined || !"fdkicm".includes(letter)) return undefined;
      given.set(letter, value);
      if (takesValue) letters = "";
    }
  }
  const isEither = given.has("i") || given.has("c");
  return {
    flannelFile: given.get("f") ?? "/run/flannel/subnet.env",
    dockerFile: given.get("d") ?? "/run/docker_opts.env",
    combinedKey: given.get("k") ?? "DOCKER_OPTS",
    isIndividual: given.has("i") || !isEither,
    isCombined: given.has("c") || !isEither,
    withIpMasq: !given.has("m"),
  };
}

/** What a shell would read from NAME=value lines, quoted or not. */
function assignmentsIn(text: string): Variables {
  const lines = text.split("\n").map((line) => /^\s*(?:export\s+)?(\w+)=(.*?)\s*$/.exec(line));
  return Object.fromEntries(
    lines.flatMap((match) =>
      match ? [[match[1]!, match[2]!.replace(/^(["'])(.*)\1$/, "$2")]] : [],
    ),
  );
}

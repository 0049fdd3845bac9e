/** Which Kubernetes this is, as `kubectl version` shows it. */

export const MINOR = "30";
export const GIT_VERSION = "v1.30.0+kubeling";

const ARCHITECTURES: Record<string, string> = { x64: "amd64", ia32: "386" };
const SYSTEMS: Record<string, string> = { win32: "windows" };

export function versionInfo() {
  const system = SYSTEMS[process.platform] ?? process.platform;
  const architecture = ARCHITECTURES[process.arch] ?? process.arch;
  return {
    major: "1",
    minor: MINOR,
    gitVersion: GIT_VERSION,
    gitCommit: "",
    gitTreeState: "clean",
    buildDate: "1970-01-01T00:00:00Z",
    goVersion: `node${process.version}`,
    compiler: "v8",
    platform: `${system}/${architecture}`,
  };
}

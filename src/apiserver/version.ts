/** Which Kubernetes this is, as `kubectl version` shows it. */
import { KUBERNETES_VERSION } from "../component/version.ts";

const [, MAJOR = "", MINOR = ""] = /^v(\d+)\.(\d+)/.exec(KUBERNETES_VERSION) ?? [];

const ARCHITECTURES: Record<string, string> = { x64: "amd64", ia32: "386" };
const SYSTEMS: Record<string, string> = { win32: "windows" };

export function versionInfo() {
  const system = SYSTEMS[process.platform] ?? process.platform;
  const architecture = ARCHITECTURES[process.arch] ?? process.arch;
  return {
    major: MAJOR,
    minor: MINOR,
    gitVersion: `${KUBERNETES_VERSION}+kubeling`,
    gitCommit: "",
    gitTreeState: "clean",
    buildDate: "1970-01-01T00:00:00Z",
    goVersion: `node${process.version}`,
    compiler: "v8",
    platform: `${system}/${architecture}`,
  };
}

/**
 * What a node is made of: processors, memory, identity. Read from the machine, or made up for a
 * simulated node.
 *
 * In Kubernetes: cAdvisor's MachineInfo, pkg/kubelet/nodestatus/setters.go
 */
import { readFileSync } from "node:fs";
import { arch, availableParallelism, release, totalmem, type } from "node:os";
import type { NodeSystemInfo } from "kubernetes-types/core/v1.js";

export interface Machine {
  cpuCount: number;
  memoryBytes: number;
  /** Of the disk that holds volumes and images. */
  diskBytes: number;
  info: Pick<
    NodeSystemInfo,
    | "architecture"
    | "bootID"
    | "kernelVersion"
    | "machineID"
    | "operatingSystem"
    | "osImage"
    | "systemUUID"
  >;
}

/** The machine this runs on. */
export function thisMachine(diskBytes: number): Machine {
  return {
    cpuCount: availableParallelism(),
    memoryBytes: totalmem(),
    diskBytes,
    info: {
      architecture: goArchitecture(arch()),
      bootID: textOf("/proc/sys/kernel/random/boot_id"),
      kernelVersion: release(),
      machineID: textOf("/etc/machine-id"),
      operatingSystem: type().toLowerCase(),
      osImage: /PRETTY_NAME="(.*)"/.exec(textOf("/etc/os-release"))?.[1] ?? type(),
      systemUUID: textOf("/sys/class/dmi/id/product_uuid") || textOf("/etc/machine-id"),
    },
  };
}

/** As Go, and so Kubernetes, calls it. */
export function goArchitecture(name: string): string {
  return { x64: "amd64", ia32: "386" }[name] ?? name;
}

/** Empty where the machine does not tell. */
function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return "";
  }
}

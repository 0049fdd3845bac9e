/** What `kubeling hosts status` prints: a line for each host, and one for each of its units. */
import type { HostReport } from "./lab.ts";

const UNIT_WIDTH = 34;

export function statusTable(reports: readonly HostReport[]): string {
  return reports.map((report) => `${headOf(report)}${unitsOf(report)}`).join("");
}

function headOf({ host, state, isCut }: HostReport): string {
  return `${host.name} ${host.address} ${state}${isCut ? ", cut off" : ""}\n`;
}

function unitsOf({ units }: HostReport): string {
  return Object.entries(units)
    .map(([name, { state, restarts }]) => {
      const again = restarts === 0 ? "" : ` (started again ${restarts}x)`;
      return `  ${name.padEnd(UNIT_WIDTH)}${state}${again}\n`;
    })
    .join("");
}

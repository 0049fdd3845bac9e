/**
 * `systemctl` on a host of the lab, as far as the course needs it; there it is /usr/local/bin/systemctl,
 * and `service NAME ACTION` beside it is the same.
 *
 * Rule: what it cannot do it refuses. All units of a host are started when it is switched on, so `enable` has
 * nothing to do, and `disable` is refused.
 *
 * In Kubernetes: not there; systemctl(1). Differs: only the order of units is known, so docker can be
 * restarted without the kubelet.
 */
import { UsageError } from "../usage-error.ts";
import { askControl, type UnitAction, type UnitAnswer } from "./control.ts";

const ACTIONS = ["start", "stop", "restart", "status", "is-active", "enable"] as const;
type Action = (typeof ACTIONS)[number];

/** The script that stands for both programs. `command`: runs `kubeling hosts systemctl`. */
export function systemctlScript(command: string): string {
  return `#!/bin/sh
case "$0" in */service) set -- "$2" "$1" ;; esac
exec ${command} "$@"
`;
}

/** Resolves to the exit code. */
export async function systemctl(args: readonly string[]): Promise<number> {
  const [action, ...units] = args;
  if (!isAction(action) || units.length === 0) {
    throw new UsageError(`the systemctl of the lab knows: ${ACTIONS.join(", ")} UNIT...`);
  }
  let worst = 0;
  for (const unit of units) {
    const name = unit.includes(".") ? unit : `${unit}.service`;
    const { code, text } = await carryOut(action, name);
    (code === 0 || action === "status" ? process.stdout : process.stderr).write(text);
    worst = Math.max(worst, code);
  }
  return worst;
}

async function carryOut(action: Action, name: string): Promise<UnitAnswer> {
  if (action === "enable") {
    const { code } = await askControl("status", name);
    const isKnown = code !== 4;
    const text = `Failed to enable unit: Unit file ${name} does not exist.\n`;
    return isKnown ? { code: 0, text: "" } : { code: 1, text };
  }
  if (action !== "is-active") return askControl(action satisfies UnitAction, name);
  const { code, text } = await askControl("status", name);
  return { code, text: `${/Active: (\S+)/.exec(text)?.[1] ?? "inactive"}\n` };
}

function isAction(action: string | undefined): action is Action {
  return ACTIONS.some((one) => one === action);
}

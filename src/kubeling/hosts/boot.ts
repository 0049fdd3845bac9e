/**
 * What happens on a host of the lab when it is switched on: the units of its /etc/systemd/system are
 * started in their order, and watched over. Runs inside the host, in the place of systemd.
 *
 * In Kubernetes: not there.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../component/clock.ts";
import { serveControl } from "./control.ts";
import { Service, type ServiceStatus } from "./service.ts";
import { comesAfter, inStartOrder, parseUnit, type Unit } from "./unit-file.ts";

/** In the host. Says how its units are. */
export const STATUS_FILE = "/run/kubeling/status.json";
const UNITS = "/etc/systemd/system";
const LOGS = "/var/log/kubeling";

export type HostStatus = Record<string, ServiceStatus>;

/** `names`: the units installed on this host, since the machine's own are there too. */
export async function boot(names: readonly string[], clock: Clock): Promise<void> {
  mkdirSync("/run/kubeling", { recursive: true });
  mkdirSync(LOGS, { recursive: true });
  const units = inStartOrder(names.map((name) => readUnit(name)));
  const services = units.map(
    (unit) =>
      new Service(unit, {
        clock,
        logFile: join(LOGS, `${unit.name.replace(".service", "")}.log`),
        onChange: () => writeStatus(services),
      }),
  );
  await serveControl(services);
  const started = new Map<string, Promise<void>>();
  for (const service of services) {
    const before = services.filter((other) => comesAfter(service.unit, other.unit));
    const all = Promise.all(before.map(({ unit }) => started.get(unit.name)));
    started.set(
      service.unit.name,
      all.then(() => service.start()),
    );
  }
  await Promise.all(started.values());
}

/** The unit, if there is one, and its drop-ins. */
function readUnit(name: string): Unit {
  const directory = join(UNITS, `${name}.d`);
  const files = readdirSync(UNITS);
  const dropIns = files.includes(`${name}.d`) ? readdirSync(directory).toSorted() : [];
  const paths = [
    ...(files.includes(name) ? [join(UNITS, name)] : []),
    ...dropIns.filter((file) => file.endsWith(".conf")).map((file) => join(directory, file)),
  ];
  return parseUnit(
    name,
    paths.map((path) => readFileSync(path, "utf8")),
  );
}

/** Who reads it never finds half of it. */
function writeStatus(services: readonly Service[]): void {
  const status = Object.fromEntries(services.map(({ unit, status: one }) => [unit.name, one]));
  writeFileSync(`${STATUS_FILE}.new`, JSON.stringify(status));
  renameSync(`${STATUS_FILE}.new`, STATUS_FILE);
}

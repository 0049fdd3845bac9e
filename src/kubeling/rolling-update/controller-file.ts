/**
 * The new controller as a file has it: YAML or JSON, a path or "-" for standard input; exactly one
 * ReplicationController.
 *
 * In Kubernetes: pkg/kubectl/cmd/rollingupdate.go (up to 1.17). Differs: no URLs.
 */
import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../../api/kind.ts";
import type { ReplicationController } from "../../api/replication-controller.ts";
import { RollingUpdateError } from "./session.ts";

const STANDARD_INPUT = 0;

export function controllerFromFile(file: string, namespace: string): ReplicationController {
  const [object, ...others] = objectsIn(file);
  if (others.length > 0) throw new RollingUpdateError(`${file} specifies multiple items`);
  if (object === undefined) {
    throw new RollingUpdateError(`please make sure ${file} exists and is not empty`);
  }
  const { apiVersion, kind, metadata } = object;
  if (apiVersion !== "v1" || kind !== "ReplicationController") {
    const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
    throw new RollingUpdateError(
      `${file} contains a ${group}/${version}, Kind=${kind} not a ReplicationController`,
    );
  }
  const own = metadata.namespace ?? namespace;
  if (own !== namespace) {
    throw new RollingUpdateError(
      `the namespace from the provided object ${JSON.stringify(own)} does not match the namespace ${JSON.stringify(namespace)}. You must pass '--namespace=${own}' to perform this operation.`,
    );
  }
  return { ...object, metadata: { ...metadata, namespace } } as ReplicationController;
}

/** Lists are taken apart. */
function objectsIn(file: string): KubeObject[] {
  return parseAllDocuments(textOf(file), { version: "1.1" }).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined)
      throw new RollingUpdateError(`error parsing ${file}: ${error.message}`);
    const value = document.toJS() as (KubeObject & { items?: KubeObject[] }) | null;
    if (value === null) return [];
    for (const field of ["kind", "apiVersion"] as const) {
      if (!value[field]) {
        throw new RollingUpdateError(`error validating ${JSON.stringify(file)}: ${field} not set`);
      }
    }
    return value.items ?? [{ ...value, metadata: value.metadata ?? { name: "" } }];
  });
}

function textOf(file: string): string {
  try {
    return readFileSync(file === "-" ? STANDARD_INPUT : file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new RollingUpdateError(`the path ${JSON.stringify(file)} does not exist`);
  }
}

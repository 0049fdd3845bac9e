/**
 * A CSINode: the storage drivers a node runs, by what name each knows the node, and how many volumes
 * each can attach there. The scheduler counts by it.
 *
 * In Kubernetes: pkg/registry/storage/csinode/strategy.go, pkg/apis/storage/validation
 */
import { isDeepStrictEqual } from "node:util";
import type { CSINodeDriver, CSINodeSpec } from "kubernetes-types/storage/v1.js";
import { ageColumn, nameColumn } from "../columns.ts";
import { duplicate, type FieldError, GoStruct, invalidValue, required } from "../field-error.ts";
import { defineKind, type KubeObject } from "../kind.ts";
import { qualifiedNameErrors } from "../names.ts";
import { csiDriverNameErrors } from "./csi-driver-name.ts";

export interface CSINode extends KubeObject {
  spec: CSINodeSpec;
}

const MOST_ID_CHARACTERS = 256;
const PATH = "spec.drivers";

export const CSINode = defineKind<CSINode>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSINode",
  plural: "csinodes",
  namespaced: false,
  storagePrefix: "csinodes",
  schema: "io.k8s.api.storage.v1.CSINode",
  servedVersions: ["v1beta1"],
  needsResourceVersion: true,
  isReturnedWhenDeleted: true,
  columns: [
    nameColumn,
    {
      name: "Drivers",
      type: "integer",
      description:
        "Drivers indicates the number of CSI drivers registered on the node in the CSINode Spec",
      value: ({ spec }) => spec.drivers?.length ?? 0,
    },
    ageColumn,
  ],
  setDefaults(node) {
    node.spec ??= { drivers: [] };
  },
  validate: ({ spec: { drivers = [] } }) =>
    drivers.flatMap((driver, index) => {
      const errors = driverErrors(driver, `${PATH}[${index}]`);
      const isTwice = drivers.slice(0, index).some(({ name }) => name === driver.name);
      const at = `${PATH}[${index}].name`;
      return isTwice ? [...errors, duplicate(at, driver.name)] : errors;
    }),
  validateUpdate: ({ spec }, old) =>
    (old.spec.drivers ?? []).flatMap((before) => {
      const now = spec.drivers?.find(({ name }) => name === before.name);
      if (now === undefined || isDeepStrictEqual(now, before)) return [];
      return [invalidValue("CSINodeDriver", goDriver(now), "field is immutable")];
    }),
  example: {
    apiVersion: "storage.k8s.io/v1",
    kind: "CSINode",
    metadata: { name: "node1" },
    spec: { drivers: [{ name: "csi.example.com", nodeID: "node1", topologyKeys: [] }] },
  },
});

function driverErrors(driver: CSINodeDriver, path: string): FieldError[] {
  const { name = "", nodeID = "", allocatable, topologyKeys = [] } = driver;
  const errors = csiDriverNameErrors(name, `${path}.name`);
  if (nodeID === "") errors.push(required(`${path}.nodeID`));
  else if (nodeID.length > MOST_ID_CHARACTERS) {
    const why = `must be ${MOST_ID_CHARACTERS} characters or less`;
    errors.push(invalidValue(`${path}.nodeID`, nodeID, why));
  }
  const count = allocatable?.count ?? 0;
  if (count < 0) {
    const why = "must be greater than or equal to 0";
    errors.push(invalidValue(`${path}.allocatable.count`, count, why));
  }
  for (const [index, key] of topologyKeys.entries()) {
    if (key === "") errors.push(required(path));
    if (topologyKeys.indexOf(key) < index) errors.push(duplicate(path, key));
    const wrong = qualifiedNameErrors(key);
    errors.push(...wrong.map((error) => invalidValue(path, key, error)));
  }
  return errors;
}

function goDriver({ name, nodeID, topologyKeys = [] }: CSINodeDriver): GoStruct {
  const keys = topologyKeys.map((key) => JSON.stringify(key)).join(", ");
  return new GoStruct("storage.CSINodeDriver", {
    Name: name,
    NodeID: nodeID,
    TopologyKeys: new GoStruct("[]string", {}, `{${keys}}`),
    Allocatable: new GoStruct("(*storage.VolumeNodeResources)(nil)", {}, ""),
  });
}

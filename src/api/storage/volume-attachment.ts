/**
 * A VolumeAttachment: the wish that a volume be attached to a node, and whether it is. Written by who
 * attaches, answered by the driver; volumes of this cluster are directories and need none.
 *
 * In Kubernetes: pkg/registry/storage/volumeattachment/strategy.go, pkg/apis/storage/validation
 */
import { isDeepStrictEqual } from "node:util";
import type { VolumeAttachmentSpec, VolumeAttachmentStatus } from "kubernetes-types/storage/v1.js";
import { ageColumn, nameColumn } from "../columns.ts";
import {
  type FieldError,
  forbidden,
  GoStruct,
  invalidValue,
  required,
  tooLong,
} from "../field-error.ts";
import { type Column, defineKind, type KubeObject } from "../kind.ts";
import { dns1123SubdomainErrors } from "../names.ts";
import { csiDriverNameErrors } from "./csi-driver-name.ts";

export interface VolumeAttachment extends KubeObject {
  spec: VolumeAttachmentSpec;
  status?: VolumeAttachmentStatus;
}

const MOST_METADATA_BYTES = 256 * 1024;
const MOST_MESSAGE_BYTES = 1024;
const ONE_SOURCE = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";

const columns: Column<VolumeAttachment>[] = [
  nameColumn,
  {
    name: "Attacher",
    type: "string",
    format: "name",
    description:
      "attacher indicates the name of the volume driver that MUST handle this request. This is the name returned by GetPluginName().",
    value: ({ spec }) => spec.attacher,
  },
  {
    name: "PV",
    type: "string",
    description: "persistentVolumeName represents the name of the persistent volume to attach.",
    value: ({ spec }) => spec.source.persistentVolumeName ?? "",
  },
  {
    name: "Node",
    type: "string",
    description: "nodeName represents the node that the volume should be attached to.",
    value: ({ spec }) => spec.nodeName,
  },
  {
    name: "Attached",
    type: "boolean",
    description:
      "attached indicates the volume is successfully attached. This field must only be set by the entity completing the attach operation, i.e. the external-attacher.",
    value: ({ status }) => status?.attached ?? false,
  },
  ageColumn,
];

export const VolumeAttachment = defineKind<VolumeAttachment>({
  group: "storage.k8s.io",
  version: "v1",
  kind: "VolumeAttachment",
  plural: "volumeattachments",
  namespaced: false,
  storagePrefix: "volumeattachments",
  schema: "io.k8s.api.storage.v1.VolumeAttachment",
  servedVersions: ["v1beta1"],
  hasStatus: true,
  needsResourceVersion: true,
  isReturnedWhenDeleted: true,
  columns,
  prepareForCreate(attachment) {
    attachment.status = { attached: false };
  },
  validate: ({ spec }) => (spec === undefined ? [required("spec")] : specErrors(spec)),
  validateStatusUpdate: ({ status }) => statusErrors(status ?? { attached: false }),
  validateUpdate: ({ spec }, old) =>
    isDeepStrictEqual(spec, old.spec)
      ? []
      : [invalidValue("spec", goSpec(spec), "field is immutable")],
  example: {
    apiVersion: "storage.k8s.io/v1",
    kind: "VolumeAttachment",
    metadata: { name: "example" },
    spec: {
      attacher: "csi.example.com",
      nodeName: "node1",
      source: { persistentVolumeName: "example" },
    },
  },
});

function specErrors({ attacher = "", source = {}, nodeName = "" }: VolumeAttachmentSpec) {
  const wrong = dns1123SubdomainErrors(nodeName);
  return [
    ...(attacher === "" ? [required("spec.attacher")] : []),
    ...sourceErrors(source, "spec.source"),
    ...wrong.map((error) => invalidValue("spec.nodeName", nodeName, error)),
    ...csiDriverNameErrors(attacher, "spec.attacher"),
    ...volumeNameErrors(source.persistentVolumeName),
  ];
}

function sourceErrors(source: VolumeAttachmentSpec["source"], path: string): FieldError[] {
  const { inlineVolumeSpec: inline, persistentVolumeName: name } = source;
  if (inline === undefined && name === undefined) return [required(path, ONE_SOURCE)];
  if (inline !== undefined && name !== undefined) return [forbidden(path, ONE_SOURCE)];
  if (name !== "") return [];
  return [required(`${path}.persistentVolumeName`, "must specify non empty persistentVolumeName")];
}

function volumeNameErrors(name: string | undefined): FieldError[] {
  if (name === undefined) return [];
  const wrong = dns1123SubdomainErrors(name);
  return wrong.map((error) => invalidValue("spec.source.persistentVolumeName", name, error));
}

function statusErrors(status: VolumeAttachmentStatus): FieldError[] {
  const { attachmentMetadata = {}, attachError, detachError } = status;
  const bytes = Object.entries(attachmentMetadata).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );
  const errors: FieldError[] = [];
  if (bytes > MOST_METADATA_BYTES) {
    errors.push(tooLong("status.attachmentMetadata", MOST_METADATA_BYTES));
  }
  for (const [field, error] of Object.entries({ attachError, detachError })) {
    if (Buffer.byteLength(error?.message ?? "") <= MOST_MESSAGE_BYTES) continue;
    // Kubernetes names the other limit here.
    errors.push(tooLong(`status.${field}.message`, MOST_METADATA_BYTES));
  }
  return errors;
}

/** Go shows the address of the name, which means nothing to a reader; here it is itself. */
function goSpec({ attacher, source, nodeName }: VolumeAttachmentSpec): GoStruct {
  return new GoStruct("storage.VolumeAttachmentSpec", {
    Attacher: attacher,
    Source: new GoStruct("storage.VolumeAttachmentSource", {
      PersistentVolumeName: source?.persistentVolumeName,
      InlineVolumeSpec: undefined,
    }),
    NodeName: nodeName,
  });
}

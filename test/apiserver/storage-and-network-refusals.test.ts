/** What is refused of the kinds of storage, networking and nodes: code, reason, causes and message, word for word. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { apiVersionOf, type Kind, qualifiedKind } from "../../src/api/kind.ts";
import { Ingress } from "../../src/api/networking/ingress.ts";
import { IngressClass } from "../../src/api/networking/ingress-class.ts";
import { NetworkPolicy } from "../../src/api/networking/network-policy.ts";
import { RuntimeClass } from "../../src/api/node/runtime-class.ts";
import { PersistentVolume } from "../../src/api/persistent-volume.ts";
import { PersistentVolumeClaim } from "../../src/api/persistent-volume-claim.ts";
import { PodTemplate } from "../../src/api/pod-template.ts";
import { CSIDriver } from "../../src/api/storage/csi-driver.ts";
import { CSINode } from "../../src/api/storage/csi-node.ts";
import { CSIStorageCapacity } from "../../src/api/storage/csi-storage-capacity.ts";
import { StorageClass } from "../../src/api/storage/storage-class.ts";
import { VolumeAttachment } from "../../src/api/storage/volume-attachment.ts";
import { pathOf } from "../../src/client/client.ts";
import { ask } from "../support/api-request.ts";
import { startTestApiServer } from "../support/api-server.ts";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
beforeAll(async () => {
  server = await startTestApiServer();
});
afterAll(() => server.stop());

type Draft = Record<string, unknown>;
type Rows = [why: string, draft: Draft, refused: string[]][];

const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const LABEL_1035 =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const WILDCARD =
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const CIDR = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
const PORT = "must be between 1 and 65535, inclusive";
const MODES =
  'supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"';
const IMMUTABLE = "field is immutable";

const REASONS: [start: string, reason: string][] = [
  ["Required value", "FieldValueRequired"],
  ["Forbidden", "FieldValueForbidden"],
  ["Invalid value", "FieldValueInvalid"],
  ["Duplicate value", "FieldValueDuplicate"],
  ["Unsupported value", "FieldValueNotSupported"],
  ["Too long", "FieldValueTooLong"],
];

/** "spec.x: Invalid value: ..." as the cause that tells it. */
function causeOf(wording: string) {
  const [, field = "", message = ""] = /^(\S+?): (.*)$/s.exec(wording) ?? [];
  const reason = REASONS.find(([start]) => message.startsWith(start))?.[1];
  return { reason, message, field };
}

function refusalOf(kind: Kind, name: string, wordings: string[]) {
  const why = wordings.length === 1 ? wordings[0] : `[${wordings.join(", ")}]`;
  return {
    code: 422,
    reason: "Invalid",
    message: `${qualifiedKind(kind)} ${JSON.stringify(name)} is invalid: ${why}`,
    details: { causes: wordings.map(causeOf) },
  };
}

function refuses(kind: Kind<never>, rows: Rows): void {
  test.each(rows)("%s", async (_, draft, wordings) => {
    const some = kind as unknown as Kind;
    const collection = pathOf(some, some.namespaced ? "default" : "");
    const metadata = { name: "one", ...(draft.metadata as object) };
    const body = { apiVersion: apiVersionOf(some), kind: some.kind, ...draft, metadata };
    const { json } = await ask(server.transport, "POST", collection, body);
    expect(json).toMatchObject(refusalOf(some, metadata.name, wordings));
  });
}

/** Of an object that is there: made from `from`, then changed to `to`. */
function keeps(kind: Kind<never>, rows: [why: string, from: Draft, to: Draft, refused: string][]) {
  test.each(rows)("%s", async (why, from, to, wording) => {
    const some = kind as unknown as Kind;
    const name = why.toLowerCase().replaceAll(/[^a-z]+/g, "-");
    const path = pathOf(some, some.namespaced ? "default" : "");
    const said = { apiVersion: apiVersionOf(some), kind: some.kind, metadata: { name } };
    const made = await ask(server.transport, "POST", path, { ...said, ...from });
    expect(made.status, made.text).toBe(201);
    const { resourceVersion } = made.json.metadata;
    const changed = { ...said, metadata: { name, resourceVersion }, ...to };
    const { json } = await ask(server.transport, "PUT", `${path}/${name}`, changed);
    expect(json).toMatchObject({ code: 422, reason: "Invalid" });
    expect(json.message).toContain(wording);
    expect(json.details.causes).toHaveLength(1);
  });
}

describe("a PersistentVolume is refused", () => {
  const volume = (more: Draft = {}): Draft => ({
    spec: {
      capacity: { storage: "1Gi" },
      accessModes: ["ReadWriteOnce"],
      hostPath: { path: "/srv" },
      ...more,
    },
  });
  refuses(PersistentVolume as never, [
    ["without access modes", volume({ accessModes: [] }), ["spec.accessModes: Required value"]],
    [
      "with an unknown access mode",
      volume({ accessModes: ["Often"] }),
      [`spec.accessModes: Unsupported value: "Often": ${MODES}`],
    ],
    [
      "for one pod and for many",
      volume({ accessModes: ["ReadWriteOncePod", "ReadWriteOnce"] }),
      ["spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes"],
    ],
    [
      "without a capacity",
      volume({ capacity: {} }),
      [
        "spec.capacity: Required value",
        'spec.capacity: Unsupported value: core.ResourceList(nil): supported values: "storage"',
      ],
    ],
    [
      "with no room",
      volume({ capacity: { storage: "0" } }),
      ['spec.capacity[storage]: Invalid value: "0": must be greater than zero'],
    ],
    [
      "with an unknown reclaim policy",
      volume({ persistentVolumeReclaimPolicy: "Burn" }),
      [
        'spec.persistentVolumeReclaimPolicy: Unsupported value: "Burn": supported values: "Delete", "Recycle", "Retain"',
      ],
    ],
    [
      "without a source",
      volume({ hostPath: undefined }),
      ["spec: Required value: must specify a volume type"],
    ],
    [
      "with two sources",
      volume({ nfs: { server: "a", path: "/b" } }),
      ["spec.nfs: Forbidden: may not specify more than 1 volume type"],
    ],
    [
      "with a path that climbs",
      volume({ hostPath: { path: "/srv/../etc" } }),
      ["spec.hostPath.path: Invalid value: \"/srv/../etc\": must not contain '..'"],
    ],
    [
      "with a directory of unknown type",
      volume({ hostPath: { path: "/srv", type: "Cave" } }),
      [
        'spec.hostPath.type: Unsupported value: "Cave": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"',
      ],
    ],
    [
      "that would empty the whole disk",
      volume({ hostPath: { path: "/" }, persistentVolumeReclaimPolicy: "Recycle" }),
      [
        "spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'",
      ],
    ],
    [
      "where a local one has no node",
      volume({ hostPath: undefined, local: { path: "/srv" } }),
      ["spec.nodeAffinity: Required value: Local volume requires node affinity"],
    ],
    [
      "with a node affinity that asks for nothing",
      volume({ nodeAffinity: {} }),
      ["spec.nodeAffinity.required: Required value: must specify required node constraints"],
    ],
    [
      "with a node affinity without terms",
      volume({ nodeAffinity: { required: { nodeSelectorTerms: [] } } }),
      [
        "spec.nodeAffinity.required.nodeSelectorTerms: Required value: must have at least one node selector term",
      ],
    ],
    [
      "with a class whose name is none",
      volume({ storageClassName: "A_b" }),
      [`spec.storageClassName: Invalid value: "A_b": ${SUBDOMAIN}`],
    ],
    [
      "in an unknown mode",
      volume({ volumeMode: "Tape" }),
      ['spec.volumeMode: Unsupported value: "Tape": supported values: "Block", "Filesystem"'],
    ],
    [
      "of NFS without a server",
      volume({ hostPath: undefined, nfs: { server: "", path: "/x" } }),
      ["spec.nfs.server: Required value"],
    ],
  ]);
  keeps(PersistentVolume as never, [
    [
      "with another source than it had",
      volume(),
      volume({ hostPath: { path: "/other" } }),
      "spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\n",
    ],
    [
      "in another mode than it had",
      volume(),
      volume({ volumeMode: "Block" }),
      `volumeMode: Invalid value: "Block": ${IMMUTABLE}`,
    ],
  ]);
});

describe("a PersistentVolumeClaim is refused", () => {
  const claim = (more: Draft = {}): Draft => ({
    spec: {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "1Gi" } },
      ...more,
    },
  });
  refuses(PersistentVolumeClaim as never, [
    [
      "without access modes",
      claim({ accessModes: [] }),
      ["spec.accessModes: Required value: at least 1 access mode is required"],
    ],
    ["without a size", claim({ resources: {} }), ["spec.resources[storage]: Required value"]],
    [
      "with no size at all",
      claim({ resources: { requests: { storage: "0" } } }),
      ['spec.resources[storage]: Invalid value: "0": must be greater than zero'],
    ],
    [
      "in an unknown mode",
      claim({ volumeMode: "Tape" }),
      ['spec.volumeMode: Unsupported value: "Tape": supported values: "Block", "Filesystem"'],
    ],
  ]);
});

describe("a StorageClass is refused", () => {
  const of = (more: Draft): Draft => ({ provisioner: "example.com/disk", ...more });
  refuses(StorageClass as never, [
    ["without a provisioner", { provisioner: "" }, ["provisioner: Required value"]],
    [
      "with a policy that is not for made volumes",
      of({ reclaimPolicy: "Recycle" }),
      ['reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"'],
    ],
    [
      "with an unknown binding mode",
      of({ volumeBindingMode: "Later" }),
      [
        'volumeBindingMode: Unsupported value: "Later": supported values: "Immediate", "WaitForFirstConsumer"',
      ],
    ],
    [
      "with a parameter without a name",
      of({ parameters: { "": "x" } }),
      ['parameters: Invalid value: "": field can not be empty.'],
    ],
    [
      "with a topology without values",
      of({ allowedTopologies: [{ matchLabelExpressions: [{ key: "zone", values: [] }] }] }),
      ["allowedTopologies[0].matchLabelExpressions[0].values: Required value"],
    ],
    [
      "with a topology that says a value twice",
      of({ allowedTopologies: [{ matchLabelExpressions: [{ key: "z", values: ["a", "a"] }] }] }),
      ['allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: "a"'],
    ],
  ]);
  keeps(StorageClass as never, [
    [
      "by another provisioner",
      of({}),
      { provisioner: "example.com/other" },
      "provisioner: Forbidden: updates to provisioner are forbidden.",
    ],
    [
      "with other parameters",
      of({}),
      of({ parameters: { a: "b" } }),
      "parameters: Forbidden: updates to parameters are forbidden.",
    ],
    [
      "with another policy",
      of({}),
      of({ reclaimPolicy: "Retain" }),
      "reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.",
    ],
    [
      "bound at another time",
      of({}),
      of({ volumeBindingMode: "WaitForFirstConsumer" }),
      `volumeBindingMode: Invalid value: "WaitForFirstConsumer": ${IMMUTABLE}`,
    ],
  ]);
});

describe("what CSI drivers tell is refused", () => {
  const attachment = (more: Draft): Draft => ({
    spec: {
      attacher: "csi.example.com",
      nodeName: "node1",
      source: { persistentVolumeName: "one" },
      ...more,
    },
  });
  const ONE = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
  refuses(VolumeAttachment as never, [
    ["of nothing", attachment({ source: {} }), [`spec.source: Required value: ${ONE}`]],
    [
      "of a volume without a name",
      attachment({ source: { persistentVolumeName: "" } }),
      [
        "spec.source.persistentVolumeName: Required value: must specify non empty persistentVolumeName",
        `spec.source.persistentVolumeName: Invalid value: "": ${SUBDOMAIN}`,
      ],
    ],
    [
      "to a node whose name is none",
      attachment({ nodeName: "Node_1" }),
      [`spec.nodeName: Invalid value: "Node_1": ${SUBDOMAIN}`],
    ],
  ]);
  refuses(CSIDriver as never, [
    [
      "with an unknown group policy",
      { spec: { fsGroupPolicy: "Never" } },
      [
        'spec.fsGroupPolicy: Unsupported value: "Never": supported values: "File", "None", "ReadWriteOnceWithFSType"',
      ],
    ],
    [
      "with an unknown life",
      { spec: { volumeLifecycleModes: ["Eternal"] } },
      [
        'spec.volumeLifecycleModes: Unsupported value: "Eternal": supported values: "Persistent", "Ephemeral"',
      ],
    ],
    [
      "with two tokens for one audience",
      { spec: { tokenRequests: [{ audience: "a" }, { audience: "a" }] } },
      ['spec.tokenRequests[1].audience: Duplicate value: "a"'],
    ],
    [
      "with a token for a minute",
      { spec: { tokenRequests: [{ audience: "a", expirationSeconds: 60 }] } },
      [
        "spec.tokenRequests[0].expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes",
      ],
    ],
  ]);
  keeps(CSIDriver as never, [
    [
      "attached otherwise than it was",
      { spec: {} },
      { spec: { attachRequired: false } },
      `spec.attachedRequired: Invalid value: false: ${IMMUTABLE}`,
    ],
  ]);
  const driver = { name: "csi.example.com", nodeID: "n", topologyKeys: [] };
  const DRIVER = "spec.drivers[0]";
  refuses(CSINode as never, [
    [
      "of a node without an id",
      { spec: { drivers: [{ ...driver, nodeID: "" }] } },
      [`${DRIVER}.nodeID: Required value`],
    ],
    [
      "of a driver that is there twice",
      { spec: { drivers: [driver, driver] } },
      ['spec.drivers[1].name: Duplicate value: "csi.example.com"'],
    ],
    [
      "with room for fewer than none",
      { spec: { drivers: [{ ...driver, allocatable: { count: -1 } }] } },
      [`${DRIVER}.allocatable.count: Invalid value: -1: must be greater than or equal to 0`],
    ],
    [
      "with a topology key twice",
      { spec: { drivers: [{ ...driver, topologyKeys: ["zone", "zone"] }] } },
      [`${DRIVER}: Duplicate value: "zone"`],
    ],
  ]);
  refuses(CSIStorageCapacity as never, [
    [
      "without a class",
      { storageClassName: "" },
      [`storageClassName: Invalid value: "": ${SUBDOMAIN}`],
    ],
    [
      "with less than nothing left",
      { storageClassName: "standard", capacity: "-1" },
      ['capacity: Invalid value: "-1": must be greater than or equal to 0'],
    ],
  ]);
  keeps(CSIStorageCapacity as never, [
    [
      "of another class",
      { storageClassName: "a" },
      { storageClassName: "b" },
      `storageClassName: Invalid value: "b": ${IMMUTABLE}`,
    ],
  ]);
});

describe("an Ingress is refused", () => {
  const service = { service: { name: "web", port: { number: 80 } } };
  const PATH = "spec.rules[0].http.paths[0]";
  const ruled = (path: Draft, host?: string): Draft => ({
    spec: {
      rules: [
        {
          ...(host === undefined ? {} : { host }),
          http: { paths: [{ path: "/", pathType: "Prefix", backend: service, ...path }] },
        },
      ],
    },
  });
  refuses(Ingress as never, [
    [
      "that sends nothing anywhere",
      { spec: {} },
      [
        "spec: Invalid value: []networking.IngressRule(nil): either `defaultBackend` or `rules` must be specified",
      ],
    ],
    [
      "for an address",
      ruled({}, "10.0.0.1"),
      ['spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address'],
    ],
    [
      "for a host that is no name",
      ruled({}, "Web_1"),
      [`spec.rules[0].host: Invalid value: "Web_1": ${SUBDOMAIN}`],
    ],
    [
      "for a star within a name",
      ruled({}, "a.*.com"),
      [`spec.rules[0].host: Invalid value: "a.*.com": ${WILDCARD}`],
    ],
    [
      "with a relative path",
      ruled({ path: "web" }),
      [`${PATH}.path: Invalid value: "web": must be an absolute path`],
    ],
    [
      "with a path that goes in circles",
      ruled({ path: "/a/../b" }),
      [`${PATH}.path: Invalid value: "/a/../b": must not contain '/../'`],
    ],
    [
      "with a path that ends upwards",
      ruled({ path: "/a/.." }),
      [`${PATH}.path: Invalid value: "/a/..": cannot end with '/..'`],
    ],
    [
      "with an unknown type of path",
      ruled({ pathType: "Regex" }),
      [
        `${PATH}.pathType: Unsupported value: "Regex": supported values: "Exact", "ImplementationSpecific", "Prefix"`,
      ],
    ],
    [
      "without a type of path",
      ruled({ pathType: undefined }),
      [`${PATH}.pathType: Required value: pathType must be specified`],
    ],
    [
      "to nowhere",
      ruled({ backend: {} }),
      [`${PATH}.backend: Invalid value: "": resource or service backend is required`],
    ],
    [
      "to two places",
      ruled({ backend: { ...service, resource: { kind: "A", name: "b" } } }),
      [`${PATH}.backend: Invalid value: "": cannot set both resource and service backends`],
    ],
    [
      "to a service without a port",
      ruled({ backend: { service: { name: "web" } } }),
      [`${PATH}.backend: Required value: port name or number is required`],
    ],
    [
      "to two ports",
      ruled({ backend: { service: { name: "web", port: { name: "http", number: 80 } } } }),
      [`${PATH}.backend: Invalid value: "": cannot set both port name & port number`],
    ],
    [
      "to a port that is none",
      ruled({ backend: { service: { name: "web", port: { number: 70_000 } } } }),
      [`${PATH}.backend.service.port.number: Invalid value: 70000: ${PORT}`],
    ],
    [
      "to a service that cannot be",
      ruled({ backend: { service: { name: "1web", port: { number: 80 } } } }),
      [`${PATH}.backend.service.name: Invalid value: "1web": ${LABEL_1035}`],
    ],
    [
      "to a thing without a kind",
      ruled({ backend: { resource: { kind: "", name: "b" } } }),
      [`${PATH}.backend.resource.kind: Required value: kind is required`],
    ],
    [
      "with a certificate for no name",
      { spec: { defaultBackend: service, tls: [{ hosts: ["A"] }] } },
      [`spec.tls[0].hosts[0]: Invalid value: "A": ${SUBDOMAIN}`],
    ],
    [
      "of two classes",
      {
        metadata: { annotations: { "kubernetes.io/ingress.class": "a" } },
        spec: { defaultBackend: service, ingressClassName: "b" },
      },
      [
        'annotations.kubernetes.io/ingress.class: Invalid value: "a": must match `ingressClassName` when both are specified',
      ],
    ],
  ]);
});

describe("an IngressClass is refused", () => {
  const of = (parameters: Draft): Draft => ({
    spec: { controller: "example.com/x", parameters: { kind: "A", name: "b", ...parameters } },
  });
  refuses(IngressClass as never, [
    ["without a controller", { spec: {} }, ["spec.controller: Required value"]],
    [
      "with a controller of no domain",
      { spec: { controller: "nginx" } },
      [
        'spec.controller: Invalid value: "nginx": must be a domain-prefixed path (such as "acme.io/foo")',
      ],
    ],
    [
      "with parameters of an unknown scope",
      of({ scope: "World" }),
      [
        'spec.parameters.scope: Unsupported value: "World": supported values: "Cluster", "Namespace"',
      ],
    ],
    [
      "with parameters of a namespace that is not said",
      of({ scope: "Namespace" }),
      ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"],
    ],
    [
      "with parameters of the cluster in a namespace",
      of({ scope: "Cluster", namespace: "a" }),
      ["spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'"],
    ],
  ]);
  keeps(IngressClass as never, [
    [
      "of another controller",
      { spec: { controller: "example.com/a" } },
      { spec: { controller: "example.com/b" } },
      `spec.controller: Invalid value: "example.com/b": ${IMMUTABLE}`,
    ],
  ]);
});

describe("a NetworkPolicy is refused", () => {
  const from = (peer: Draft): Draft => ({ spec: { podSelector: {}, ingress: [{ from: [peer] }] } });
  const port = (one: Draft): Draft => ({ spec: { podSelector: {}, egress: [{ ports: [one] }] } });
  const PEER = "spec.ingress[0].from[0]";
  const AT = "spec.egress[0].ports[0]";
  refuses(NetworkPolicy as never, [
    ["with a peer that is nobody", from({}), [`${PEER}: Required value: must specify a peer`]],
    [
      "with a peer that is two",
      from({ podSelector: {}, ipBlock: { cidr: "10.0.0.0/8" } }),
      [`${PEER}: Forbidden: may not specify both ipBlock and another peer`],
    ],
    [
      "with a block that is none",
      from({ ipBlock: { cidr: "10.0.0.0/40" } }),
      [`${PEER}.ipBlock.cidr: Invalid value: "10.0.0.0/40": ${CIDR}`],
    ],
    ["without a block", from({ ipBlock: { cidr: "" } }), [`${PEER}.ipBlock.cidr: Required value`]],
    [
      "with an exception from elsewhere",
      from({ ipBlock: { cidr: "10.0.0.0/8", except: ["11.0.0.0/16"] } }),
      [
        `${PEER}.ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of \`cidr\``,
      ],
    ],
    [
      "with an unknown protocol",
      port({ protocol: "ICMP", port: 1 }),
      [`${AT}.protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP"`],
    ],
    ["with a port that is none", port({ port: 0 }), [`${AT}.port: Invalid value: 0: ${PORT}`]],
    [
      "with ports that end before they begin",
      port({ port: 80, endPort: 70 }),
      [`${AT}.endPort: Invalid value: 80: must be greater than or equal to \`port\``],
    ],
    [
      "with ports from a name on",
      port({ port: "http", endPort: 70 }),
      [`${AT}.endPort: Invalid value: 70: may not be specified when \`port\` is non-numeric`],
    ],
    [
      "with ports from nothing on",
      port({ endPort: 70 }),
      [`${AT}.endPort: Invalid value: 70: may not be specified when \`port\` is not specified`],
    ],
    [
      "of an unknown type",
      { spec: { podSelector: {}, policyTypes: ["Sideways"] } },
      ['spec.policyTypes[0]: Unsupported value: "Sideways": supported values: "Ingress", "Egress"'],
    ],
    [
      "of too many types",
      { spec: { podSelector: {}, policyTypes: ["Ingress", "Egress", "Ingress"] } },
      [
        'spec.policyTypes: Invalid value: []networking.PolicyType{"Ingress", "Egress", "Ingress"}: may not specify more than two policyTypes',
      ],
    ],
  ]);
});

describe("a RuntimeClass is refused", () => {
  refuses(RuntimeClass as never, [
    [
      "with a handler that is none",
      { handler: "A_b" },
      [`handler: Invalid value: "A_b": ${LABEL}`],
    ],
    [
      "that costs less than nothing",
      { handler: "a", overhead: { podFixed: { cpu: "-1" } } },
      ['overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
    ],
  ]);
  keeps(RuntimeClass as never, [
    [
      "with another handler",
      { handler: "a" },
      { handler: "b" },
      `handler: Invalid value: "b": ${IMMUTABLE}`,
    ],
  ]);
});

describe("a PodTemplate is refused", () => {
  refuses(PodTemplate as never, [
    [
      "without containers",
      { template: { spec: { containers: [] } } },
      ["template.spec.containers: Required value"],
    ],
  ]);
});

import { describe, expect, test } from "vitest";
import { Binding } from "../../src/api/binding.ts";
import { ConfigMap } from "../../src/api/config-map.ts";
import { Endpoints } from "../../src/api/endpoints.ts";
import { Event } from "../../src/api/event.ts";
import { wordingOf } from "../../src/api/field-error.ts";
import type { Kind, KubeObject } from "../../src/api/kind.ts";
import { Lease } from "../../src/api/lease.ts";
import { Namespace } from "../../src/api/namespace.ts";
import { Node } from "../../src/api/node.ts";
import { ReplicationController } from "../../src/api/replication-controller.ts";
import { Secret } from "../../src/api/secret.ts";
import { ServiceAccount } from "../../src/api/service-account.ts";
import { complete, created, type Draft, updateWordingsOf, wordingsOf } from "./judge.ts";

const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const QUALIFIED =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const LABEL_VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const CONFIG_KEY =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
const IMMUTABLE = "field is immutable when `immutable` is set";
const IP = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";

const web = {
  metadata: { labels: { app: "web" } },
  spec: { containers: [{ name: "a", image: "b" }] },
};
const rc = (spec: Draft): Draft => ({ spec: { template: web, ...spec } });
const subset = (fields: Draft): Draft => ({
  subsets: [{ addresses: [{ ip: "10.1.1.1" }], ...fields }],
});
const aMegabyte = "x".repeat(1024 * 1024 + 1);

function claim<T extends KubeObject>(kind: Kind<T>, refused: [Draft, string[]][]): void {
  test.each(refused.map(([draft, wordings]) => [wordings.join(" | "), draft, wordings]))(
    "refuses: %s",
    (_, draft, wordings) => {
      expect(wordingsOf(kind, draft as Draft)).toEqual(wordings);
    },
  );
}

describe("a ReplicationController", () => {
  claim(ReplicationController, [
    [{ spec: {} }, ["spec.selector: Required value", "spec.template: Required value"]],
    [{}, ["spec.selector: Required value", "spec.template: Required value"]],
    [
      rc({ replicas: -1 }),
      ["spec.replicas: Invalid value: -1: must be greater than or equal to 0"],
    ],
    [
      rc({ minReadySeconds: -1 }),
      ["spec.minReadySeconds: Invalid value: -1: must be greater than or equal to 0"],
    ],
    [
      rc({ selector: { app: "db" } }),
      [
        'spec.template.metadata.labels: Invalid value: map[string]string{"app":"web"}: `selector` does not match template `labels`',
      ],
    ],
    [
      rc({ selector: { app: "db" }, template: { spec: web.spec } }),
      [
        "spec.template.metadata.labels: Invalid value: map[string]string(nil): `selector` does not match template `labels`",
      ],
    ],
    [
      rc({ template: { ...web, spec: { ...web.spec, restartPolicy: "Never" } } }),
      ['spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
    ],
    [
      rc({ template: { ...web, spec: { ...web.spec, activeDeadlineSeconds: 5 } } }),
      [
        "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicationController is not Supported",
      ],
    ],
    [
      rc({ template: { ...web, spec: { containers: [] } } }),
      ["spec.template.spec.containers: Required value"],
    ],
  ]);

  test("takes selector and labels from its template, and one replica", () => {
    const { metadata, spec } = complete(ReplicationController, rc({}));
    expect(spec).toMatchObject({ replicas: 1, selector: { app: "web" } });
    expect(metadata.labels).toEqual({ app: "web" });
    expect(spec.template.spec.restartPolicy).toBe("Always");
  });
});

describe("an Endpoints", () => {
  claim(Endpoints, [
    [
      { subsets: [{ ports: [] }] },
      ["subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`"],
    ],
    [
      { subsets: [{ addresses: [{ ip: "x" }] }] },
      [
        `subsets[0].addresses[0].ip: Invalid value: "x": ${IP}`,
        'subsets[0].addresses[0].ip: Invalid value: "x": must be a valid IP address',
      ],
    ],
    [
      { subsets: [{ addresses: [{ ip: "127.0.0.1" }] }] },
      [
        'subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
      ],
    ],
    [
      subset({ ports: [{ port: 80 }, { port: 81, name: "b" }] }),
      ["subsets[0].ports[0].name: Required value"],
    ],
    [
      subset({ ports: [{ port: 0 }] }),
      ["subsets[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive"],
    ],
    [
      subset({ ports: [{ port: 80, protocol: "X" }] }),
      [
        'subsets[0].ports[0].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
      ],
    ],
  ]);
});

describe("a Node", () => {
  claim(Node, [
    [
      { metadata: { name: "n", namespace: "default" } },
      ["metadata.namespace: Forbidden: not allowed on this type"],
    ],
    [
      { spec: { taints: [{ key: "a", effect: "Maybe" }] } },
      [
        'metadata.taints[0].effect: Unsupported value: "Maybe": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
      ],
    ],
    [{ spec: { taints: [{ key: "a" }] } }, ["metadata.taints[0].effect: Required value"]],
    [
      {
        spec: {
          taints: [
            { key: "a", effect: "NoSchedule" },
            { key: "a", effect: "NoSchedule", value: "b" },
          ],
        },
      },
      [
        'metadata.taints[1]: Duplicate value: core.Taint{Key:"a", Value:"b", Effect:"NoSchedule", TimeAdded:<nil>}: taints must be unique by key and effect pair',
      ],
    ],
    [
      { spec: { podCIDRs: ["10.0.0.0/33"] } },
      [
        'spec.podCIDRs[0]: Invalid value: "10.0.0.0/33": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
      ],
    ],
    [
      { status: { capacity: { cpu: "-1" }, allocatable: {} } },
      ['status.capacity.cpu: Invalid value: "-1": must be greater than or equal to 0'],
    ],
  ]);

  test("may not change its pod network", () => {
    const spec = { podCIDRs: ["10.0.0.0/24"] };
    expect(updateWordingsOf(Node, { spec }, { spec: { podCIDRs: ["10.0.1.0/24"] } })).toEqual([
      'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
    ]);
  });

  test("may not report an address twice", () => {
    const address = { type: "InternalIP", address: "10.0.0.1" };
    const node = complete(Node, { status: { addresses: [address, address] } });
    expect(Node.validateStatusUpdate?.(node, node).map(wordingOf)).toEqual([
      'status.addresses[1]: Duplicate value: core.NodeAddress{Type:"InternalIP", Address:"10.0.0.1"}',
    ]);
  });

  test("keeps the status it registers with", () => {
    const node = created(Node, { status: { capacity: { cpu: "2" } } });
    expect(node.status).toEqual({ capacity: { cpu: "2" }, allocatable: { cpu: "2" } });
  });
});

describe("a Namespace", () => {
  claim(Namespace, [
    [{ metadata: { name: "a.b" } }, ['metadata.name: Invalid value: "a.b": must not contain dots']],
    [
      { spec: { finalizers: ["mine"] } },
      [
        'spec.finalizers: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
      ],
    ],
  ]);

  test("begins active, labelled with its name, and held by its finalizer", () => {
    const labels = { "kubernetes.io/metadata.name": "b" };
    const namespace = created(Namespace, { metadata: { name: "a", labels } });
    expect(namespace).toMatchObject({
      metadata: { labels: { "kubernetes.io/metadata.name": "a" } },
      spec: { finalizers: ["kubernetes"] },
      status: { phase: "Active" },
    });
    expect(Namespace.isHeldByFinalizers?.(namespace)).toBe(true);
  });

  test("keeps its finalizers in an update that drops them", () => {
    const old = created(Namespace, {});
    const now = complete(Namespace, { spec: { finalizers: [] } });
    Namespace.prepareForUpdate?.(now, old);
    expect(now.spec.finalizers).toEqual(["kubernetes"]);
  });

  test("may not end while nobody deletes it", () => {
    const namespace = complete(Namespace, { status: { phase: "Terminating" } });
    expect(Namespace.validateStatusUpdate?.(namespace, namespace).map(wordingOf)).toEqual([
      "status.Phase: Invalid value: \"Terminating\": may only be 'Active' if `deletionTimestamp` is empty",
    ]);
  });
});

describe("a ConfigMap", () => {
  claim(ConfigMap, [
    [{ data: { "a b": "x" } }, [`data[a b]: Invalid value: "a b": ${CONFIG_KEY}`]],
    [{ data: { "..": "x" } }, [`data[..]: Invalid value: "..": must not be '..'`]],
    [
      { data: { a: "x" }, binaryData: { a: "eA==" } },
      ['data[a]: Invalid value: "a": duplicate of key present in binaryData'],
    ],
    [{ data: { a: aMegabyte } }, [": Too long: must have at most 1048576 bytes"]],
  ]);

  test.each([
    [{ data: { a: "2" }, immutable: true }, [`data: Forbidden: ${IMMUTABLE}`]],
    [{ data: { a: "1" } }, [`immutable: Forbidden: ${IMMUTABLE}`]],
    [{ data: { a: "1" }, immutable: true }, []],
  ])("that is immutable, changed to %j: %j", (to, wordings) => {
    const from = { data: { a: "1" }, immutable: true };
    expect(updateWordingsOf(ConfigMap, from, to)).toEqual(wordings);
  });
});

describe("a Secret", () => {
  claim(Secret, [
    [{ data: { "a/b": "" } }, [`data[a/b]: Invalid value: "a/b": ${CONFIG_KEY}`]],
    [{ type: "kubernetes.io/tls", data: { "tls.crt": "" } }, ["data[tls.key]: Required value"]],
    [
      { type: "kubernetes.io/tls" },
      ["data[tls.crt]: Required value", "data[tls.key]: Required value"],
    ],
    [{ type: "kubernetes.io/dockerconfigjson" }, ["data[.dockerconfigjson]: Required value"]],
    [{ type: "kubernetes.io/ssh-auth" }, ["data[ssh-privatekey]: Required value"]],
    [
      { type: "kubernetes.io/basic-auth" },
      ["data[username]: Required value", "data[password]: Required value"],
    ],
    [
      { type: "kubernetes.io/service-account-token" },
      ["metadata.annotations[kubernetes.io/service-account.name]: Required value"],
    ],
  ]);

  test("is Opaque, and folds its stringData into data", () => {
    const secret = complete(Secret, { data: { a: "eA==" }, stringData: { a: "y", b: "z" } });
    expect(secret.type).toBe("Opaque");
    expect(secret.data).toEqual({ a: "eQ==", b: "eg==" });
    expect(secret).not.toHaveProperty("stringData");
  });

  test("may not change its type", () => {
    expect(updateWordingsOf(Secret, {}, { type: "example.com/x" })).toEqual([
      'type: Invalid value: "example.com/x": field is immutable',
    ]);
  });
});

describe("an Event", () => {
  claim(Event, [
    [
      { involvedObject: { kind: "Pod", namespace: "other" } },
      ['involvedObject.namespace: Invalid value: "other": does not match event.namespace'],
    ],
    [{ involvedObject: { kind: "Node", name: "node1" } }, []],
    [
      { metadata: { name: "e", namespace: "other" }, involvedObject: { kind: "Node" } },
      ['involvedObject.namespace: Invalid value: "": does not match event.namespace'],
    ],
    [
      {
        involvedObject: { kind: "Node" },
        eventTime: "2026-01-01T00:00:00.000000Z",
        reportingComponent: "example.com/me",
        reason: "x".repeat(129),
      },
      [
        "reportingInstance: Required value",
        "action: Required value",
        'reason: Invalid value: "": can have at most 128 characters',
      ],
    ],
  ]);
});

describe("a Lease", () => {
  claim(Lease, [
    [
      { spec: { leaseDurationSeconds: 0 } },
      ["spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0"],
    ],
    [
      { spec: { leaseTransitions: -1 } },
      ["spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0"],
    ],
  ]);
});

describe("a Binding", () => {
  claim(Binding, [
    [
      { target: { kind: "Pod", name: "a" } },
      ['target.kind: Unsupported value: "Pod": supported values: "Node", "<empty>"'],
    ],
    [{ target: {} }, ["target.name: Required value"]],
  ]);
});

describe("the metadata of any object", () => {
  const meta = (fields: Draft): Draft => ({ metadata: { name: "a", ...fields } });
  claim(ServiceAccount, [
    [{ metadata: {} }, ["metadata.name: Required value: name or generateName is required"]],
    [
      { metadata: { name: "A", namespace: "Default" } },
      [
        `metadata.name: Invalid value: "A": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
        `metadata.namespace: Invalid value: "Default": ${LABEL}`,
      ],
    ],
    [
      meta({ labels: { "": "x" } }),
      [
        'metadata.labels: Invalid value: "": name part must be non-empty',
        `metadata.labels: Invalid value: "": name part ${QUALIFIED}`,
      ],
    ],
    [
      meta({ labels: { "/x": "y" } }),
      ['metadata.labels: Invalid value: "/x": prefix part must be non-empty'],
    ],
    [meta({ labels: { app: "a b" } }), [`metadata.labels: Invalid value: "a b": ${LABEL_VALUE}`]],
    [
      meta({ labels: { app: "x".repeat(64) } }),
      [`metadata.labels: Invalid value: "${"x".repeat(64)}": must be no more than 63 characters`],
    ],
    [
      meta({ annotations: { "a b": "x" } }),
      [`metadata.annotations: Invalid value: "a b": name part ${QUALIFIED}`],
    ],
    [
      meta({ annotations: { a: "x".repeat(262_144) } }),
      ["metadata.annotations: Too long: must have at most 262144 bytes"],
    ],
    [
      meta({ finalizers: ["mine"] }),
      [
        'metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
      ],
    ],
    [
      meta({ finalizers: ["orphan", "foregroundDeletion"] }),
      [
        'metadata.finalizers: Invalid value: []string{"orphan", "foregroundDeletion"}: finalizer orphan and foregroundDeletion cannot be both set',
      ],
    ],
    [
      meta({ ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "p" }] }),
      ['metadata.ownerReferences.uid: Invalid value: "": uid must not be empty'],
    ],
    [
      meta({ generation: -1 }),
      ["metadata.generation: Invalid value: -1: must be greater than or equal to 0"],
    ],
  ]);
});

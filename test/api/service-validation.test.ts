import { describe, expect, test } from "vitest";
import { Service } from "../../src/api/service.ts";
import { complete, type Draft, updateWordingsOf, wordingsOf } from "./judge.ts";

const http = { port: 80 };
const service = (spec: Draft): Draft => ({ spec: { ports: [http], ...spec } });
const LABEL_1035 =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const IP = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";

const refused: [Draft, string[]][] = [
  [{ spec: {} }, ["spec.ports: Required value"]],
  [
    { metadata: { name: "1web" }, ...service({}) },
    [`metadata.name: Invalid value: "1web": ${LABEL_1035}`],
  ],
  [
    service({ ports: [{ port: 0, targetPort: 80 }] }),
    ["spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive"],
  ],
  [
    service({ ports: [http, { port: 81 }] }),
    ["spec.ports[0].name: Required value", "spec.ports[1].name: Required value"],
  ],
  [
    service({
      ports: [
        { ...http, name: "a" },
        { port: 81, name: "a" },
      ],
    }),
    ['spec.ports[1].name: Duplicate value: "a"'],
  ],
  [
    service({
      ports: [
        { ...http, name: "a" },
        { ...http, name: "b" },
      ],
    }),
    [
      'spec.ports[1]: Duplicate value: core.ServicePort{Name:"", Protocol:"TCP", AppProtocol:(*string)(nil), Port:80, TargetPort:intstr.IntOrString{Type:0, IntVal:0, StrVal:""}, NodePort:0}',
    ],
  ],
  [
    service({ ports: [{ ...http, protocol: "HTTP" }] }),
    ['spec.ports[0].protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP"'],
  ],
  [
    service({ ports: [{ ...http, targetPort: "WEB" }] }),
    [
      'spec.ports[0].targetPort: Invalid value: "WEB": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
      'spec.ports[0].targetPort: Invalid value: "WEB": must contain at least one letter (a-z)',
    ],
  ],
  [
    service({ ports: [{ ...http, nodePort: 30080 }] }),
    ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
  ],
  [
    service({
      type: "NodePort",
      ports: [
        { ...http, name: "a", nodePort: 30080 },
        { port: 81, name: "b", nodePort: 30080 },
      ],
    }),
    ["spec.ports[1].nodePort: Duplicate value: 30080"],
  ],
  [
    service({ type: "Cluster" }),
    [
      'spec.type: Unsupported value: "Cluster": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
    ],
  ],
  [
    service({ sessionAffinity: "Cookie" }),
    ['spec.sessionAffinity: Unsupported value: "Cookie": supported values: "ClientIP", "None"'],
  ],
  [
    service({
      sessionAffinity: "ClientIP",
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 86401 } },
    }),
    [
      "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400",
    ],
  ],
  [{ spec: { type: "ExternalName" } }, ["spec.externalName: Required value"]],
  [
    service({ clusterIP: "10.0.0.300" }),
    [`spec.clusterIPs[0]: Invalid value: "10.0.0.300": ${IP}`],
  ],
  [
    service({ type: "NodePort", clusterIP: "None" }),
    ["spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services"],
  ],
  [
    service({ clusterIP: "10.0.0.1", clusterIPs: ["10.0.0.2"] }),
    ['spec.clusterIPs: Invalid value: []string{"10.0.0.2"}: first value must match `clusterIP`'],
  ],
  [service({ externalIPs: ["x"] }), [`spec.externalIPs[0]: Invalid value: "x": ${IP}`]],
  [
    service({ externalIPs: ["127.0.0.1"] }),
    [
      'spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
    ],
  ],
  [
    service({ externalTrafficPolicy: "Local" }),
    [
      'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
    ],
  ],
  [
    service({ internalTrafficPolicy: "Near" }),
    ['spec.internalTrafficPolicy: Unsupported value: "Near": supported values: "Cluster", "Local"'],
  ],
  [
    service({ allocateLoadBalancerNodePorts: false }),
    [
      "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'",
    ],
  ],
  [
    service({ ipFamilies: ["IPv5"] }),
    ['spec.ipFamilies[0]: Unsupported value: "IPv5": supported values: "IPv4", "IPv6"'],
  ],
];

describe("a Service", () => {
  test.each(refused.map(([draft, wordings]) => [wordings.join(" | "), draft, wordings]))(
    "refuses: %s",
    (_, draft, wordings) => {
      expect(wordingsOf(Service, draft as Draft)).toEqual(wordings);
    },
  );

  test.each([
    ["a port and nothing else", service({})],
    ["no ports where it is headless", { spec: { clusterIP: "None" } }],
    ["an external name", { spec: { type: "ExternalName", externalName: "example.com." } }],
    ["a node port", service({ type: "NodePort", ports: [{ port: 80, nodePort: 30080 }] })],
    ["a target port by name", service({ ports: [{ port: 80, targetPort: "web" }] })],
  ])("accepts %s", (_, draft) => {
    expect(wordingsOf(Service, draft)).toEqual([]);
  });

  test("gets Kubernetes' defaults", () => {
    const { spec } = complete(Service, service({ sessionAffinity: "ClientIP" }));
    expect(spec).toEqual({
      ports: [{ port: 80, protocol: "TCP", targetPort: 80 }],
      sessionAffinity: "ClientIP",
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } },
      type: "ClusterIP",
      internalTrafficPolicy: "Cluster",
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
    });
  });

  test("of type LoadBalancer gets node ports and lets traffic in everywhere", () => {
    const { spec } = complete(Service, service({ type: "LoadBalancer" }));
    expect(spec).toMatchObject({
      externalTrafficPolicy: "Cluster",
      allocateLoadBalancerNodePorts: true,
    });
  });
});

describe("an update of a Service", () => {
  const stored = service({ clusterIP: "10.0.0.1", clusterIPs: ["10.0.0.1"] });

  test("may not change the cluster IP", () => {
    const wordings = updateWordingsOf(Service, stored, service({ clusterIP: "10.0.0.2" }));
    expect(wordings).toEqual([
      'spec.clusterIPs[0]: Invalid value: []string{"10.0.0.2"}: may not change once set',
    ]);
  });

  test("keeps the cluster IP it says nothing of", () => {
    const old = complete(Service, stored);
    const updated = complete(Service, service({ selector: { app: "web" } }));
    Service.prepareForUpdate?.(updated, old);
    expect(updated.spec).toMatchObject({ clusterIP: "10.0.0.1", clusterIPs: ["10.0.0.1"] });
  });

  test("keeps the node ports it says nothing of", () => {
    const ports = [{ port: 80, nodePort: 30080 }];
    const old = complete(Service, service({ type: "NodePort", ports }));
    const updated = complete(Service, service({ type: "NodePort" }));
    Service.prepareForUpdate?.(updated, old);
    expect(updated.spec.ports?.[0]?.nodePort).toBe(30080);
  });

  test("to type ClusterIP gives the node ports back", () => {
    const ports = [{ port: 80, nodePort: 30080 }];
    const from = service({ type: "NodePort", ports });
    expect(updateWordingsOf(Service, from, service({ type: "ClusterIP", ports }))).toEqual([]);
  });

  test("to type ExternalName gives the cluster IP back", () => {
    const to = {
      spec: {
        type: "ExternalName",
        externalName: "example.com",
        clusterIP: "10.0.0.1",
        clusterIPs: ["10.0.0.1"],
        ipFamilies: ["IPv4"],
        ipFamilyPolicy: "SingleStack",
      },
    };
    expect(updateWordingsOf(Service, stored, to)).toEqual([]);
  });
});

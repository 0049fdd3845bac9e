/**
 * What an EndpointSlice may say. Like Endpoints, its addresses are ones that the kernels of the nodes
 * will send traffic to.
 *
 * In Kubernetes: pkg/apis/discovery/validation/validation.go
 */
import { isIPv4, isIPv6 } from "node:net";
import type { Endpoint, EndpointHints, EndpointPort } from "kubernetes-types/discovery/v1.js";
import { PROTOCOLS } from "../container-validation.ts";
import { nonSpecialIpErrors } from "../endpoints-validation.ts";
import {
  duplicate,
  type FieldError,
  invalidValue,
  notSupported,
  required,
  tooMany,
} from "../field-error.ts";
import { validateLabels } from "../metadata-validation.ts";
import {
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  labelValueErrors,
  qualifiedNameErrors,
} from "../names.ts";
import type { EndpointSlice } from "./endpoint-slice.ts";

const ADDRESS_TYPES = ["FQDN", "IPv4", "IPv6"];
const ENDPOINTS_MAX = 1_000;
const ADDRESSES_MAX = 100;
const PORTS_MAX = 20_000;
const TOPOLOGY_MAX = 16;
const ZONE_HINTS_MAX = 8;

export function validateEndpointSlice({ addressType, ...slice }: EndpointSlice): FieldError[] {
  return [
    ...addressTypeErrors(addressType),
    ...endpointsErrors(slice.endpoints ?? [], addressType),
    ...portsErrors(slice.ports ?? []),
  ];
}

export function validateEndpointSliceUpdate(slice: EndpointSlice, old: EndpointSlice) {
  const { addressType } = slice;
  const isSame = addressType === old.addressType;
  return isSame ? [] : [invalidValue("addressType", addressType, "field is immutable")];
}

function addressTypeErrors(addressType: string | undefined): FieldError[] {
  if (!addressType) return [required("addressType")];
  const isKnown = ADDRESS_TYPES.includes(addressType);
  return isKnown ? [] : [notSupported("addressType", addressType, ADDRESS_TYPES)];
}

function endpointsErrors(endpoints: Endpoint[], addressType: string): FieldError[] {
  if (endpoints.length > ENDPOINTS_MAX) {
    return [tooMany("endpoints", endpoints.length, ENDPOINTS_MAX)];
  }
  return endpoints.flatMap((one, i) => endpointErrors(one, addressType, `endpoints[${i}]`));
}

function endpointErrors(endpoint: Endpoint, addressType: string, path: string): FieldError[] {
  const { addresses = [], nodeName, deprecatedTopology: topology = {}, hostname, hints } = endpoint;
  const errors: FieldError[] = [];
  if (addresses.length === 0) {
    errors.push(required(`${path}.addresses`, "must contain at least 1 address"));
  } else if (addresses.length > ADDRESSES_MAX) {
    errors.push(tooMany(`${path}.addresses`, addresses.length, ADDRESSES_MAX));
  }
  for (const [i, address] of addresses.entries()) {
    errors.push(...addressErrors(address, addressType, `${path}.addresses[${i}]`));
  }
  const check = (field: string, value: string, wrong: string[]) =>
    errors.push(...wrong.map((why) => invalidValue(`${path}.${field}`, value, why)));
  if (nodeName !== undefined) check("nodeName", nodeName, dns1123SubdomainErrors(nodeName));
  const count = Object.keys(topology).length;
  if (count > TOPOLOGY_MAX) errors.push(tooMany(`${path}.deprecatedTopology`, count, TOPOLOGY_MAX));
  errors.push(...validateLabels(topology, `${path}.deprecatedTopology`));
  if (hostname !== undefined) check("hostname", hostname, dns1123LabelErrors(hostname));
  if (hints !== undefined) errors.push(...hintErrors(hints, `${path}.hints.forZones`));
  return errors;
}

/** Of a type that is not known, anything may be an address: the type itself is told of. */
function addressErrors(address: string, addressType: string, path: string): FieldError[] {
  switch (addressType) {
    case "IPv4":
      return [
        ...(isIPv4(address) ? [] : [invalidValue(path, address, "must be a valid IPv4 address")]),
        ...nonSpecialIpErrors(address, path),
      ];
    case "IPv6":
      return [
        ...(isIPv6(address) ? [] : [invalidValue(path, address, "must be a valid IPv6 address")]),
        ...nonSpecialIpErrors(address, path),
      ];
    case "FQDN":
      return domainNameErrors(address, path);
    default:
      return [];
  }
}

function domainNameErrors(name: string, path: string): FieldError[] {
  if (name === "") return [required(path)];
  const bare = name.replace(/\.$/, "");
  const wrong = dns1123SubdomainErrors(bare);
  if (wrong.length > 0) return [invalidValue(path, bare, wrong.join(","))];
  const labels = bare.split(".");
  if (labels.length < 2) {
    const why = "should be a domain with at least two segments separated by dots";
    return [invalidValue(path, bare, why)];
  }
  const long = labels.find((label) => dns1123LabelErrors(label).length > 0);
  if (long === undefined) return [];
  return [invalidValue(path, long, dns1123LabelErrors(long).join(","))];
}

function hintErrors({ forZones = [] }: EndpointHints, path: string): FieldError[] {
  if (forZones.length > ZONE_HINTS_MAX) return [tooMany(path, forZones.length, ZONE_HINTS_MAX)];
  const names = forZones.map(({ name }) => name);
  return names.flatMap((name, i) => {
    const at = `${path}[${i}].name`;
    const errors = labelValueErrors(name).map((why) => invalidValue(at, name, why));
    return names.indexOf(name) < i ? [duplicate(at, name), ...errors] : errors;
  });
}

function portsErrors(ports: EndpointPort[]): FieldError[] {
  if (ports.length > PORTS_MAX) return [tooMany("ports", ports.length, PORTS_MAX)];
  const seen = new Set<string>();
  return ports.flatMap(({ name = "", protocol = "", appProtocol }, i) => {
    const path = `ports[${i}]`;
    const errors: FieldError[] = [];
    const check = (field: string, value: string, wrong: string[]) =>
      errors.push(...wrong.map((why) => invalidValue(`${path}.${field}`, value, why)));
    if (name !== "") check("name", name, dns1123LabelErrors(name));
    if (seen.has(name)) errors.push(duplicate(`${path}.name`, name));
    seen.add(name);
    if (!PROTOCOLS.includes(protocol)) {
      errors.push(notSupported(`${path}.protocol`, protocol, PROTOCOLS));
    }
    if (appProtocol !== undefined) {
      check("appProtocol", appProtocol, qualifiedNameErrors(appProtocol));
    }
    return errors;
  });
}

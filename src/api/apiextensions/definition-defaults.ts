/**
 * What a definition gets where its author said nothing.
 *
 * In Kubernetes: staging/src/k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1/defaults.go
 */
import type { CustomResourceDefinition } from "./custom-resource-definition.ts";

const WEBHOOK_PORT = 443;

export function setDefinitionDefaults({ spec }: CustomResourceDefinition): void {
  const { names } = spec;
  if (names?.kind) {
    names.singular ||= names.kind.toLowerCase();
    names.listKind ||= `${names.kind}List`;
  }
  spec.conversion ??= { strategy: "None" };
  const service = spec.conversion.webhook?.clientConfig?.service;
  if (service) service.port ??= WEBHOOK_PORT;
}

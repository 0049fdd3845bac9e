/** The kinds of apiextensions.k8s.io: CustomResourceDefinition. */
import type { Kind } from "../kind.ts";
import { CustomResourceDefinition } from "./custom-resource-definition.ts";

export const apiextensionsKinds: readonly Kind[] = [CustomResourceDefinition as unknown as Kind];

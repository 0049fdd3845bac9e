/** The kinds of apiextensions.k8s.io: CustomResourceDefinition. */
import type { Kind } from "../kind.ts";

export const apiextensionsKinds: readonly Kind[] = [];

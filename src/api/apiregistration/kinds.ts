/** The kinds of apiregistration.k8s.io: which server answers for what. */
import type { Kind } from "../kind.ts";
import { APIService } from "./api-service.ts";

export const apiregistrationKinds: readonly Kind[] = [APIService as unknown as Kind];

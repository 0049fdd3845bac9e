/**
 * Reviews: kinds that are questions. One is only ever created, is kept nowhere, and comes back with the
 * answer in its status: TokenReview, SelfSubjectReview, SubjectAccessReview and its brothers.
 *
 * A review is declared like any kind, with `verbs: ["create"]`, and answered by a function in
 * subresources.ts under its plural and a slash.
 *
 * In Kubernetes: pkg/registry/authentication, pkg/registry/authorization (their Create)
 */
import { badRequest, invalid } from "../api/errors.ts";
import type { Kind, KubeObject } from "../api/kind.ts";
import { type DecodedKind, decodeBody } from "./decode.ts";
import { formOf, objectAnswer } from "./form.ts";
import type { SubresourceHandler } from "./handler.ts";
import {
  bodyOf,
  type Call,
  type ResourceHandlerOptions,
  targetOf,
  writeContextOf,
} from "./resource-handler.ts";
import { fieldValidationOf } from "./write-options.ts";

const OTHER_NAMESPACE =
  "the namespace of the provided object does not match the namespace sent on the request";

export type ReviewOptions = Pick<ResourceHandlerOptions, "clock" | "registry">;

/** Fills in the status of the question, or throws the ApiError that is the answer. */
export type Reviewer<T extends KubeObject> = (question: T, call: Call) => Promise<T> | T;

/** Takes the question, refuses one that is not valid, and gives back what `reviewer` makes of it. */
export function review<T extends KubeObject>(
  reviewer: Reviewer<T>,
  { clock, registry }: ReviewOptions,
): SubresourceHandler {
  return async (kind, call) => {
    const form = formOf(call, clock);
    const context = writeContextOf(call);
    const question = decodeQuestion<T>(kind, call);
    kind.setDefaults?.(question);
    const target = targetOf(kind, call.info);
    const answer = await registry.admission.creating(
      target,
      kind,
      question,
      context,
      async (judge) => {
        const errors = kind.validate?.(question) ?? [];
        // What was decoded no longer says of what kind it is, and a question has no name.
        if (errors.length > 0) throw invalid({ group: kind.group, kind: "" }, "", errors);
        await judge();
        return reviewer(question, call);
      },
    );
    return objectAnswer(kind, answer, form, 201);
  };
}

/** The object in the body, with the namespace of the path. */
export function decodeQuestion<T extends KubeObject>(
  kind: DecodedKind & Partial<Pick<Kind, "namespaced">>,
  call: Call,
): T {
  const { request, info, warnings } = call;
  const decoded = decodeBody<T>(
    bodyOf(request),
    request.headers["content-type"],
    kind,
    fieldValidationOf(call),
  );
  warnings.push(...decoded.warnings);
  const question = decoded.object;
  question.metadata ??= { name: "" };
  if (kind.namespaced === false) delete question.metadata.namespace;
  if (kind.namespaced) {
    question.metadata.namespace ||= info.namespace;
    if (question.metadata.namespace !== info.namespace) throw badRequest(OTHER_NAMESPACE);
  }
  return question;
}

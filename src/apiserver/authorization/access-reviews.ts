/**
 * Answers access reviews: the authorizer is asked the very question a request would put to it.
 *
 * In Kubernetes: pkg/registry/authorization/{subjectaccessreview,selfsubjectaccessreview,...}/rest.go
 */
import type {
  AskedAccess,
  SubjectAccessReviewSpec,
  SubjectAccessReviewStatus,
} from "../../api/authorization/access-review.ts";
import type { LocalSubjectAccessReview } from "../../api/authorization/local-subject-access-review.ts";
import type { SelfSubjectAccessReview } from "../../api/authorization/self-subject-access-review.ts";
import type { SelfSubjectRulesReview } from "../../api/authorization/self-subject-rules-review.ts";
import type { SubjectAccessReview } from "../../api/authorization/subject-access-review.ts";
import { badRequest } from "../../api/errors.ts";
import type { User } from "../authenticate.ts";
import type { Attributes, Authorizer } from "../authorize.ts";
import type { SubresourceHandler } from "../handler.ts";
import { type Reviewer, type ReviewOptions, review } from "../review.ts";
import type { RuleResolver } from "./resolve-rules.ts";

export interface AccessReviewOptions extends ReviewOptions {
  authorizer: Authorizer;
  rulesFor: RuleResolver;
}

export function accessReviewHandlers(options: AccessReviewOptions): [string, SubresourceHandler][] {
  const { authorizer, rulesFor } = options;
  const subject: Reviewer<SubjectAccessReview> = async (question) => ({
    ...question,
    status: await answer(authorizer, userOf(question.spec), question.spec),
  });
  const local: Reviewer<LocalSubjectAccessReview> = (question, { info: { namespace } }) => {
    const asked = question.spec.resourceAttributes?.namespace ?? "";
    if (asked !== namespace) {
      throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`);
    }
    return subject(question as unknown as SubjectAccessReview, undefined as never) as never;
  };
  const self: Reviewer<SelfSubjectAccessReview> = async (question, { user }) => ({
    ...question,
    status: await answer(authorizer, user, question.spec),
  });
  const rules: Reviewer<SelfSubjectRulesReview> = (question, { user }) => {
    const { namespace = "" } = question.spec;
    if (namespace === "") throw badRequest("no namespace on request");
    return { ...question, status: rulesFor(user, namespace) };
  };
  return [
    ["subjectaccessreviews/", review(subject, options)],
    ["localsubjectaccessreviews/", review(local, options)],
    ["selfsubjectaccessreviews/", review(self, options)],
    ["selfsubjectrulesreviews/", review(rules, options)],
  ];
}

async function answer(authorizer: Authorizer, user: User, asked: AskedAccess) {
  const decision = await authorizer(user, attributesOf(asked));
  const reason = decision.allowed ? (decision.explain?.() ?? "") : decision.reason;
  const status: SubjectAccessReviewStatus = { allowed: decision.allowed };
  if (!decision.allowed && decision.isFinal) status.denied = true;
  if (reason !== "") status.reason = reason;
  return status;
}

function userOf({ user = "", uid, groups = [], extra }: SubjectAccessReviewSpec): User {
  return {
    name: user,
    groups: [...groups],
    ...(uid ? { uid } : {}),
    ...(extra === undefined ? {} : { extra: extra as Record<string, string[]> }),
  };
}

function attributesOf({ resourceAttributes, nonResourceAttributes }: AskedAccess): Attributes {
  const { verb = "", group = "", version = "", resource = "" } = resourceAttributes ?? {};
  const { subresource = "", namespace = "", name = "" } = resourceAttributes ?? {};
  return {
    isResourceRequest: resourceAttributes !== undefined,
    ...{ group, version, resource, subresource, namespace, name },
    verb: nonResourceAttributes?.verb ?? verb,
    path: nonResourceAttributes?.path ?? "",
  };
}

/**
 * `authorizer`: what an expression may ask about what the user of the request may do:
 * authorizer.group("apps").resource("deployments").namespace("web").check("create").allowed()
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/cel/library/authz.go. Differs: other service accounts
 * cannot be asked for.
 */
import type { Environment } from "@marcbachmann/cel-js";

export interface Asked {
  path: string;
  group: string;
  resource: string;
  subresource: string;
  namespace: string;
  name: string;
  verb: string;
}

export interface Answer {
  allowed: boolean;
  reason: string;
}

export type Ask = (asked: Asked) => Promise<Answer>;

const NOTHING: Asked = {
  path: "",
  group: "",
  resource: "",
  subresource: "",
  namespace: "",
  name: "",
  verb: "",
};

/** One question in the making. */
class Check {
  readonly ask: Ask;
  readonly asked: Asked;

  constructor(ask: Ask, asked: Asked) {
    this.ask = ask;
    this.asked = asked;
  }

  next(more: Partial<Asked>): Asked {
    return { ...this.asked, ...more };
  }
}

export class Authorizer extends Check {
  constructor(ask: Ask) {
    super(ask, NOTHING);
  }
}
class PathCheck extends Check {}
class GroupCheck extends Check {}
class ResourceCheck extends Check {}
class CheckDecision {
  readonly answer: Answer;

  constructor(answer: Answer) {
    this.answer = answer;
  }
}

const PACKAGE = "kubernetes.authorization";
const RESOURCE_WORDS = ["subresource", "namespace", "name"] as const;

export function registerAuthorizer(environment: Environment): void {
  const types = { Authorizer, PathCheck, GroupCheck, ResourceCheck };
  for (const [name, type] of Object.entries(types)) {
    environment.registerType(`${PACKAGE}.${name}`, type);
  }
  const decision = `${PACKAGE}.Decision`;
  environment.registerType(decision, CheckDecision);
  const decide = async (check: Check, verb: string) =>
    new CheckDecision(await check.ask(check.next({ verb })));
  environment
    .registerFunction(
      `${PACKAGE}.Authorizer.path(string): ${PACKAGE}.PathCheck`,
      (from: Check, path: string) => new PathCheck(from.ask, from.next({ path })),
    )
    .registerFunction(
      `${PACKAGE}.Authorizer.group(string): ${PACKAGE}.GroupCheck`,
      (from: Check, group: string) => new GroupCheck(from.ask, from.next({ group })),
    )
    .registerFunction(
      `${PACKAGE}.GroupCheck.resource(string): ${PACKAGE}.ResourceCheck`,
      (from: Check, resource: string) => new ResourceCheck(from.ask, from.next({ resource })),
    )
    .registerFunction(`${PACKAGE}.PathCheck.check(string): ${decision}`, decide)
    .registerFunction(`${PACKAGE}.ResourceCheck.check(string): ${decision}`, decide)
    .registerFunction(`${decision}.allowed(): bool`, (one: CheckDecision) => one.answer.allowed)
    .registerFunction(`${decision}.errored(): bool`, () => false)
    .registerFunction(`${decision}.error(): string`, () => "")
    .registerFunction(`${decision}.reason(): string`, (one: CheckDecision) => one.answer.reason);
  for (const word of RESOURCE_WORDS) {
    environment.registerFunction(
      `${PACKAGE}.ResourceCheck.${word}(string): ${PACKAGE}.ResourceCheck`,
      (from: Check, value: string) => new ResourceCheck(from.ask, from.next({ [word]: value })),
    );
  }
}

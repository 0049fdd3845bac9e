/** In what two answers to the same request differ, but for what is never the same twice. */
import type { Json, Reply } from "./server.ts";

const NEVER_THE_SAME =
  /^(uid|creationTimestamp|resourceVersion|selfLink|managedFields|clusterIPs?|nodePort)$/;

/** A line for each difference. */
export function differences(ours: Reply, theirs: Reply): string[] {
  if (ours.code !== theirs.code) return [line("code", told(ours), told(theirs))];
  if (ours.code < 400) return within(ours.json, theirs.json, "");
  const [a, b] = [ours.json, theirs.json];
  return within(
    { reason: a?.reason, message: a?.message },
    { reason: b?.reason, message: b?.message },
    "",
  );
}

function told({ code, json, text }: Reply): string {
  return code < 400 ? `${code}` : `${code} ${json?.message ?? text}`;
}

function within(a: Json, b: Json, path: string): string[] {
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  const areBoth = isObject(a) && isObject(b) && Array.isArray(a) === Array.isArray(b);
  if (!areBoth) return [line(path, JSON.stringify(a), JSON.stringify(b))];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((name) => !NEVER_THE_SAME.test(name))
    .flatMap((name) => within(a[name], b[name], `${path}.${name}`));
}

function isObject(value: Json): boolean {
  return typeof value === "object" && value !== null;
}

function line(path: string, ours = "nothing", theirs = "nothing"): string {
  return `${path}\n    ours   ${ours}\n    theirs ${theirs}`;
}

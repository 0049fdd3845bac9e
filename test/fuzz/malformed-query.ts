/** Query strings: options of lists, watches, writes and deletes, right and wrong. */
import type { Dice } from "./dice.ts";
import { encoded, ODD_STRINGS } from "./odd-values.ts";

const LABEL_SELECTORS = [
  ...["app=web", "app in (a,b)", "!x", "a>1", "a>x", "app notin ()", "a in (b", "=", ",", "a==b=c"],
  ...["__proto__=x", "constructor", "x".repeat(70), "a=b,".repeat(500), "a in ((((", "a=\u0000"],
];
const FIELD_SELECTORS = [
  ...["metadata.name=a", "metadata.name!=a", "status.phase=Running", "spec.nodeName=", "a=b", "="],
  ...["metadata.name", "\\=a", "metadata.name=a\\", "__proto__=x", "constructor=y", "a==b==c"],
];
const token = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const TOKENS = [
  ...[
    "x",
    "",
    "%%%",
    "e30",
    token(null),
    token([]),
    token({ v: 1 }),
    token({ v: "meta.k8s.io/v1" }),
  ],
  token({ v: "meta.k8s.io/v1", rv: 1, start: "../../secrets/default/a" }),
  token({ v: "meta.k8s.io/v1", rv: -1, start: "a\u0000" }),
  token({ v: "meta.k8s.io/v1", rv: 9e15, start: "a" }),
  token({ v: "meta.k8s.io/v1", rv: 0.5, start: "a" }),
  token({ v: "meta.k8s.io/v1", rv: "1", start: {} }),
];
const NUMBERS = ["0", "1", "2", "-1", "x", "1.5", "99999999999999999999", "1e3", " 1", ""];
const BOOLEANS = ["true", "false", "1", "0", "", "yes"];

const OPTIONS: Record<string, readonly string[]> = {
  labelSelector: LABEL_SELECTORS,
  fieldSelector: FIELD_SELECTORS,
  continue: TOKENS,
  limit: NUMBERS,
  resourceVersion: [...NUMBERS, "5"],
  resourceVersionMatch: ["Exact", "NotOlderThan", "exact", ""],
  watch: BOOLEANS,
  allowWatchBookmarks: BOOLEANS,
  sendInitialEvents: BOOLEANS,
  timeoutSeconds: NUMBERS,
  timeout: ["1s", "-1s", "x", "0", "9999h", "1"],
  pretty: BOOLEANS,
  dryRun: ["All", "all", "", "All&dryRun=All", "None"],
  fieldValidation: ["Strict", "Warn", "Ignore", "strict", ""],
  fieldManager: ["me", "", "x".repeat(129), "\u0007"],
  force: BOOLEANS,
  gracePeriodSeconds: NUMBERS,
  propagationPolicy: ["Orphan", "Background", "Foreground", "Odd"],
  orphanDependents: BOOLEANS,
  follow: BOOLEANS,
  tailLines: NUMBERS,
  container: ["a", ""],
  command: ["sh", ""],
};
const NAMES = Object.keys(OPTIONS);

export function malformedQuery(dice: Dice, method: string, { isTried }: { isTried: boolean }) {
  const pairs: string[] = [];
  for (let i = dice.pick([0, 0, 1, 1, 2, 3, 5]); i > 0; i--) {
    const name = dice.pick(NAMES);
    const value = dice.oneIn(5) ? dice.pick(ODD_STRINGS) : dice.pick(OPTIONS[name]!);
    pairs.push(`${name}=${dice.oneIn(20) ? value : encoded(value)}`);
  }
  // Without a manager every patch of this kind is refused for that alone.
  if (method === "PATCH" && dice.oneIn(2)) pairs.push("fieldManager=fuzz", "force=true");
  const tried = isTried ? ["dryRun=All"] : [];
  return [...tried, ...pairs.filter((pair) => !isTried || !pair.startsWith("dryRun"))].join("&");
}

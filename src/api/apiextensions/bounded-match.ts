/**
 * Matching that cannot stop the server: what a pattern could take long for is done under a limit of time, and a pattern
 * that has exceeded it once is not tried again.
 *
 * Its rule: no pattern, whatever the texts, takes longer than the limit altogether, besides matches known to be short.
 *
 * In Kubernetes: not needed, Go's regexp is linear in its text.
 */
import { createContext, Script } from "node:vm";
import { GoRegExpError, goRegExp } from "./go-regexp.ts";

const LIMIT_MS = 1_000;
/** So many steps no matching of a simple pattern exceeds. */
const QUICK_STEPS = 1_000_000;
const MOST_KNOWN = 1_000;

const tooSlow = new Set<string>();
const box = createContext({ work: () => undefined as unknown });
const script = new Script("work()");

export function matchesGo(pattern: string, text: string): boolean {
  return boundedly(pattern, text, (regExp) => regExp.test(text));
}

/** What `work` gives, with the pattern and for the text. Throws a GoRegExpError. */
export function boundedly<T>(pattern: string, text: string, work: (regExp: RegExp) => T): T {
  const regExp = goRegExp(pattern);
  if (isQuick(pattern, text)) return work(regExp);
  if (tooSlow.has(pattern)) throw slow(pattern);
  box.work = () => work(regExp);
  try {
    return script.runInContext(box, { timeout: LIMIT_MS }) as T;
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    if (tooSlow.size >= MOST_KNOWN) tooSlow.delete(tooSlow.values().next().value!);
    tooSlow.add(pattern);
    throw slow(pattern);
  }
}

function slow(pattern: string): GoRegExpError {
  return new GoRegExpError(`matching takes too long: \`${pattern}\``);
}

/** Groups, alternatives, repetitions, of a pattern without escapes and classes. */
const TOKENS = /\(\??|[)|*+]|\?|\{\d+(?:,\d*)?\}/g;

const shapes = new Map<string, number>();

/** Without repetitions of repetitions, the steps are bounded by the length to the power of the repetitions. */
function isQuick(pattern: string, text: string): boolean {
  let repetitions = shapes.get(pattern);
  if (repetitions === undefined) {
    repetitions = repetitionsOf(pattern);
    if (shapes.size >= MOST_KNOWN) shapes.delete(shapes.keys().next().value!);
    shapes.set(pattern, repetitions);
  }
  return (text.length + 1) ** (repetitions + 1) <= QUICK_STEPS;
}

/** How many there are side by side; Infinity where one repeats a group that itself repeats, or may go several ways. */
export function repetitionsOf(pattern: string): number {
  const plain = pattern.replace(/\\./gs, "_").replace(/\[\^?\]?[^\]]*\]/g, "_");
  let count = 0;
  /** For each open group: whether something in it can be matched in more than one way. */
  const groups = [false];
  for (const { 0: token, index } of plain.matchAll(TOKENS)) {
    if (token.startsWith("(")) groups.push(false);
    else if (token === ")") {
      const isAmbiguous = groups.pop() ?? false;
      if (isAmbiguous && /^[*+{]/.test(plain.slice(index + 1))) return Number.POSITIVE_INFINITY;
      if (isAmbiguous) groups[groups.length - 1] = true;
    } else {
      if (!["|", "?"].includes(token)) count++;
      groups[groups.length - 1] = true;
    }
  }
  return count;
}

/**
 * What a client is warned of, as `Warning:` headers: each sentence once, and where they are too much for a
 * header each is cut short.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/endpoints/filters/warning.go
 */

const TOTAL_MAX = 4_096;
const EACH_MAX = 256;

export function warningHeaders(sentences: readonly string[]): string[] {
  const distinct = [...new Set(sentences)].filter((sentence) => sentence !== "");
  const total = distinct.reduce((sum, sentence) => sum + [...sentence].length, 0);
  if (total <= TOTAL_MAX) return distinct.map(headerOf);
  let written = 0;
  const headers: string[] = [];
  for (const sentence of distinct) {
    if (written >= TOTAL_MAX) break;
    const letters = [...sentence].slice(0, EACH_MAX);
    written += letters.length;
    headers.push(headerOf(letters.join("")));
  }
  return headers;
}

/** 299 is "miscellaneous persistent warning"; the dash stands for who warns. */
function headerOf(sentence: string): string {
  const quoted = sentence.replaceAll(/[\p{Cc}]/gu, " ").replaceAll(/["\\]/g, "\\$&");
  return `299 - "${quoted}"`;
}

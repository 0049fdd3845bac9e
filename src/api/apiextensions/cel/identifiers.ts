/**
 * Names of fields as CEL can write them: "foo-bar" becomes foo__dash__bar, and what CEL has reserved gets
 * two underscores before and after it. undefined: there is no way to write it.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/cel/escaping.go
 */
const RESERVED = new Set(
  "true false null in as break const continue else for function if import let loop package namespace return var void while".split(
    " ",
  ),
);
const WORDS: [string, string][] = [
  ["__", "__underscores__"],
  [".", "__dot__"],
  ["-", "__dash__"],
  ["/", "__slash__"],
];

export function identifierOf(name: string): string | undefined {
  if (!/^[A-Za-z_.\-/][A-Za-z0-9_.\-/]*$/.test(name)) return undefined;
  if (RESERVED.has(name)) return `__${name}__`;
  return WORDS.reduce((text, [from, to]) => text.replaceAll(from, to), name);
}

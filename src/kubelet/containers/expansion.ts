/**
 * $(VAR) in a container's command, args and env: replaced by the value of that variable, left as it
 * is where there is none; $$(VAR) stands for $(VAR) itself.
 *
 * In Kubernetes: third_party/forked/golang/expansion
 */
export function expand(text: string, lookUp: (name: string) => string | undefined): string {
  return text.replace(/\$(?:\$|\(([^)]*)\))/g, (found, name: string | undefined) => {
    if (name === undefined) return "$";
    return lookUp(name) ?? found;
  });
}

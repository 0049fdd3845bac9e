/**
 * --token-auth-file: one token a line, as `token,user,uid` and, if there are groups, `"group1,group2"`.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/authentication/token/tokenfile/tokenfile.go
 */
import { StartError } from "../component/daemon.ts";
import type { User } from "./authenticate.ts";

export function readTokens(text: string, path: string): Map<string, User> {
  const tokens = new Map<string, User>();
  for (const line of text.split(/\r?\n/).filter((line) => line.trim() !== "")) {
    const [token = "", name, uid, groups = ""] = fieldsOf(line);
    if (name === undefined || uid === undefined) {
      throw new StartError(
        `token file '${path}' must have at least 3 columns (token, user name, user uid), found ${fieldsOf(line).length}`,
      );
    }
    if (token === "") throw new StartError(`empty token has been found in token file '${path}'`);
    const list = groups.split(",").filter((group) => group !== "");
    tokens.set(token, { name, uid, groups: list });
  }
  return tokens;
}

/** A line of CSV: a field in double quotes may hold commas. */
function fieldsOf(line: string): string[] {
  const fields = [...line.matchAll(/(?:^|,)\s*(?:"((?:[^"]|"")*)"|([^,]*))/g)];
  return fields.map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain!.trim());
}

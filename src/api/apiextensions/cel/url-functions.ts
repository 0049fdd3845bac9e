/**
 * URLs: url(text), isURL(text), and the parts of one.
 *
 * In Kubernetes: staging/src/k8s.io/apiserver/pkg/cel/library/urls.go
 */
import { type Environment, EvaluationError } from "@marcbachmann/cel-js";

const TYPE = "kubernetes.URL";
/** Only to read a path by itself; it shows nowhere. */
const NOWHERE = "nowhere://";

class ParsedUrl {
  readonly url: URL;
  readonly isPath: boolean;

  constructor(text: string) {
    this.isPath = text.startsWith("/");
    this.url = new URL(this.isPath ? NOWHERE + text : text);
  }
}

export function registerUrls(environment: Environment): void {
  environment
    .registerType(TYPE, ParsedUrl)
    .registerFunction(`url(string): ${TYPE}`, parsed)
    .registerFunction("isURL(string): bool", isUrl)
    .registerFunction(`${TYPE}.getScheme(): string`, ({ url, isPath }: ParsedUrl) =>
      isPath ? "" : url.protocol.slice(0, -1),
    )
    .registerFunction(`${TYPE}.getHost(): string`, ({ url }: ParsedUrl) => url.host)
    .registerFunction(`${TYPE}.getHostname(): string`, ({ url }: ParsedUrl) =>
      url.hostname.replace(/^\[|\]$/g, ""),
    )
    .registerFunction(`${TYPE}.getPort(): string`, ({ url }: ParsedUrl) => url.port)
    .registerFunction(`${TYPE}.getEscapedPath(): string`, ({ url }: ParsedUrl) => url.pathname)
    .registerFunction(`${TYPE}.getQuery(): map<string, list<string>>`, ({ url }: ParsedUrl) =>
      Object.fromEntries(
        [...new Set(url.searchParams.keys())].map((key) => [key, url.searchParams.getAll(key)]),
      ),
    );
}

function isUrl(text: string): boolean {
  return text.startsWith("/")
    ? URL.canParse(NOWHERE + text)
    : /^\w[\w+.-]*:\/\//.test(text) && URL.canParse(text);
}

function parsed(text: string): ParsedUrl {
  if (isUrl(text)) return new ParsedUrl(text);
  throw new EvaluationError(
    `URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`,
  );
}

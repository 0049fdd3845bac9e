/**
 * Names of images: taken apart for the daemon, and put together for the status of a container. Pure.
 *
 *   [registry[:port]/]path[/path...][:tag][@digest]
 *
 * In Kubernetes: pkg/util/parsers/parsers.go, github.com/distribution/reference
 */
import type { Image } from "../runtime.ts";
import { ImageError } from "../runtime.ts";

const SEPARATOR = "(?:[._]|__|[-]+)";
const COMPONENT = `[a-z0-9]+(?:${SEPARATOR}[a-z0-9]+)*`;
const DOMAIN_LABEL = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const DOMAIN = `(?:${DOMAIN_LABEL}(?:\\.${DOMAIN_LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const NAME = `(?:${DOMAIN}/)?${COMPONENT}(?:/${COMPONENT})*`;
const TAG = "[\\w][\\w.-]{0,127}";
const DIGEST = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";
const REFERENCE = new RegExp(`^(${NAME})(?::(${TAG}))?(?:@(${DIGEST}))?$`);

/** What the daemon tells of an image; it has more. */
export interface InspectedImage {
  Id: string;
  RepoTags?: string[] | null | undefined;
  RepoDigests?: string[] | null | undefined;
  Size: number;
  VirtualSize?: number;
  Config?: { User?: string } | null;
}

/** What to pull: never a name without a tag, or the daemon would pull every tag there is. */
export function parseImageName(image: string): { fromImage: string; tag: string } {
  const [, name, tag, digest] = REFERENCE.exec(image) ?? [];
  if (name === undefined) throw invalidName(image);
  return { fromImage: name, tag: digest ?? tag ?? "latest" };
}

function invalidName(image: string): ImageError {
  const isUpperCase = REFERENCE.test(image.toLowerCase());
  const why = isUpperCase
    ? `invalid reference format: repository name (${normalized(image)}) must be lowercase`
    : "invalid reference format";
  return new ImageError(
    "InvalidImageName",
    `Failed to apply default image tag "${image}": couldn't parse image name "${image}": ${why}`,
  );
}

/** The name within its registry, as the message has it: without tag, of Docker's own library where no other is said. */
function normalized(image: string): string {
  const name = image.replace(/@.*$/, "").replace(/:[^/]*$/, "");
  const [first = "", ...rest] = name.split("/");
  const isDomain =
    rest.length > 0 &&
    (/[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase());
  if (isDomain) return rest.join("/");
  return rest.length === 0 ? `library/${name}` : name;
}

/** How the status of a container names the very image it runs. */
export function imageIdOf(id: string, image: InspectedImage | undefined): string {
  const digest = image?.RepoDigests?.[0];
  return digest ? `docker-pullable://${digest}` : `docker://${id}`;
}

export function toImage(inspected: InspectedImage): Image {
  return {
    id: inspected.Id,
    tags: (inspected.RepoTags ?? []).filter((tag) => tag !== "<none>:<none>"),
    digests: (inspected.RepoDigests ?? []).filter((digest) => digest !== "<none>@<none>"),
    sizeBytes: inspected.VirtualSize ?? inspected.Size,
    user: inspected.Config?.User ?? "",
  };
}

/**
 * Rather a node that has the images already, as far as they are large.
 *
 * An image that only few nodes have counts less, or they would draw all pods to themselves.
 *
 * In Kubernetes: pkg/scheduler/framework/plugins/imagelocality
 */
import { MAX_SCORE, type Plugin } from "../framework.ts";

const MB = 1024 * 1024;
const MIN_BYTES = 23 * MB;
const MAX_BYTES_PER_CONTAINER = 1_000 * MB;

export function imageLocality(nodesWithImage: (image: string) => number): Plugin {
  return {
    name: "ImageLocality",
    score({ pod, nodes }) {
      const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
      const images = containers.map(({ image = "" }) => normalizedName(image));
      const spreads = images.map((image) => nodesWithImage(image) / nodes.length);
      if (spreads.every((spread) => spread === 0)) return undefined;
      return {
        score({ imageSizes }) {
          const bytes = images.map((image, i) =>
            Math.trunc((imageSizes.get(image) ?? 0) * spreads[i]!),
          );
          return scoreOf(
            bytes.reduce((a, b) => a + b, 0),
            containers.length,
          );
        },
      };
    },
  };
}

export function scoreOf(bytes: number, containers: number): number {
  const most = MAX_BYTES_PER_CONTAINER * containers;
  const within = Math.min(Math.max(bytes, MIN_BYTES), most);
  return Math.trunc((MAX_SCORE * (within - MIN_BYTES)) / (most - MIN_BYTES));
}

/** "nginx" is "nginx:latest"; a colon before the last slash is a port's. */
function normalizedName(image: string): string {
  return image.lastIndexOf(":") <= image.lastIndexOf("/") ? `${image}:latest` : image;
}

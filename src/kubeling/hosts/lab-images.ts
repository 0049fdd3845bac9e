/**
 * The images of the lab: made on the master's Docker out of the machine's busybox, and pushed to the
 * registry of the master, from where the nodes pull them.
 */
import Docker from "dockerode";
import { makeImages } from "../../../scripts/make-images.ts";

/** The nodes' name for the registry, and what is in it: name in Docker -> repository and tag. */
const REGISTRY = "registry:5000";
const PUSHED: readonly [image: string, repository: string, tag: string][] = [
  ["pause", "pause", "3.9"],
  ["busybox", "busybox", "latest"],
  ["nginx", "nginx", "1.25"],
  ["nginx", "nginx", "latest"],
];

/** `root`: of the master's files, as this process sees them. */
export async function fillRegistry(root: string): Promise<void> {
  const docker = new Docker({ socketPath: `${root}/run/docker.sock` });
  await makeImages(docker);
  for (const [image, repository, tag] of PUSHED) {
    const repo = `${REGISTRY}/${repository}`;
    await docker.getImage(image).tag({ repo, tag });
    const progress = await docker.getImage(`${repo}:${tag}`).push({ tag });
    await new Promise<void>((resolve, reject) =>
      docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve())),
    );
  }
}

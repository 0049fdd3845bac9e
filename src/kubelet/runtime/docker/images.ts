/**
 * Images: looked up, pulled, listed, removed.
 *
 * The daemon answers a pull with 200 before it knows whether there is such an image; what goes wrong is
 * a line among the lines of progress. A pull that makes no progress for a minute is given up.
 *
 * In Kubernetes: pkg/kubelet/dockershim/docker_image.go, libdocker/kube_docker_client.go (PullImage)
 */
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { AuthConfig } from "dockerode";
import type { Clock } from "../../../component/clock.ts";
import { type Image, ImageError, type RegistryCredentials } from "../runtime.ts";
import { asRemote, DaemonError, unlessGone } from "./daemon-error.ts";
import type { DockerConnection } from "./docker-connection.ts";
import { type InspectedImage, parseImageName, toImage } from "./image-names.ts";

const NO_PROGRESS_LIMIT_MS = 60_000;

interface Progress {
  error?: string;
  errorDetail?: { message?: string };
}

export class Images {
  readonly #connection: DockerConnection;
  readonly #clock: Clock;

  constructor(connection: DockerConnection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
  }

  async status(image: string): Promise<Image | undefined> {
    if (!image.startsWith("sha256:")) parseImageName(image);
    try {
      const found = await unlessGone(
        this.#connection.ask<InspectedImage>((docker) => docker.getImage(image).inspect()),
      );
      return found && toImage(found);
    } catch (error) {
      throw new ImageError(
        "ImageInspectError",
        `Failed to inspect image "${image}": ${asRemote(error).message}`,
      );
    }
  }

  async pull(image: string, credentials?: RegistryCredentials): Promise<void> {
    try {
      await this.fetch(image, credentials);
    } catch (error) {
      throw error instanceof ImageError
        ? error
        : new ImageError("ErrImagePull", asRemote(error).message);
    }
  }

  /** The same, failing with the daemon's own error. */
  async fetch(image: string, credentials?: RegistryCredentials): Promise<void> {
    const name = parseImageName(image);
    const patience = new AbortController();
    const startWaiting = () =>
      this.#clock.setTimeout(
        () => patience.abort(new Error("context canceled")),
        NO_PROGRESS_LIMIT_MS,
      );
    let timer = startWaiting();
    const onProgress = () => {
      timer.cancel();
      timer = startWaiting();
    };
    try {
      const progress = await this.#startPull(name, credentials, patience.signal);
      await untilPulled(progress, onProgress, patience.signal);
    } finally {
      timer.cancel();
    }
  }

  #startPull(
    name: { fromImage: string; tag: string },
    credentials: RegistryCredentials | undefined,
    abortSignal: AbortSignal,
  ): Promise<Readable> {
    const options = { ...name, abortSignal };
    return this.#connection.ask(
      async (docker) =>
        (credentials
          ? await docker.createImage(toAuthConfig(credentials), options)
          : await docker.createImage(options)) as Readable,
      { signal: abortSignal, limitMs: 2 * NO_PROGRESS_LIMIT_MS },
    );
  }

  async list(): Promise<Image[]> {
    const images = await this.#connection.ask((docker) => docker.listImages());
    return images.map((image) => toImage(image));
  }

  /** An image with several names goes when the last of its names goes. */
  async remove(id: string): Promise<void> {
    const image = await unlessGone(
      this.#connection.ask<InspectedImage>((docker) => docker.getImage(id).inspect()),
    );
    if (!image) return;
    const { tags, digests } = toImage(image);
    const names = tags.length > 0 ? tags : digests;
    for (const name of names.length > 0 ? names : [id]) {
      await unlessGone(this.#connection.ask((docker) => docker.getImage(name).remove()));
    }
  }
}

function toAuthConfig({ username, password, serverAddress }: RegistryCredentials): AuthConfig {
  return { username, password, serveraddress: serverAddress ?? "" };
}

async function untilPulled(
  progress: Readable,
  onProgress: () => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const line of createInterface({ input: progress })) {
      onProgress();
      const { error, errorDetail } = JSON.parse(line) as Progress;
      const message = errorDetail?.message ?? error;
      if (message) throw new DaemonError(500, message);
    }
    signal.throwIfAborted();
  } finally {
    progress.destroy();
  }
}

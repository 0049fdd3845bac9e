/** The images a simulated node has pulled. */
import { createHash } from "node:crypto";
import { type Image, ImageError } from "../kubelet/runtime/runtime.ts";
import { imageBehind, parseImageName, type SimulatedImage, whyMissing } from "./images.ts";

export class SimulatedImageStore {
  readonly #pulled = new Map<string, Image>();

  find(name: string): Image | undefined {
    const parsed = parseImageName(name);
    return parsed && this.#pulled.get(parsed.full);
  }

  pull(name: string): void {
    const parsed = parseImageName(name);
    if (parsed === undefined) {
      const why = `Failed to apply default image tag "${name}": couldn't parse image name "${name}": invalid reference format`;
      throw new ImageError("InvalidImageName", why);
    }
    const why = whyMissing(parsed);
    if (why !== undefined) throw new ImageError("ErrImagePull", why);
    const digest = `sha256:${createHash("sha256").update(parsed.full).digest("hex")}`;
    const { sizeBytes, user } = imageBehind(parsed);
    const repository = parsed.full.slice(0, parsed.full.lastIndexOf(":"));
    this.#pulled.set(parsed.full, {
      id: digest,
      tags: [parsed.full],
      digests: [`${repository}@${digest}`],
      sizeBytes,
      user,
    });
  }

  list(): Image[] {
    return [...this.#pulled.values()];
  }

  remove(id: string): void {
    for (const [name, image] of this.#pulled) if (image.id === id) this.#pulled.delete(name);
  }

  /** The image as something to run. */
  use(name: string): { image: SimulatedImage; id: string } {
    const found = this.find(name);
    const parsed = parseImageName(name);
    if (found === undefined || parsed === undefined) throw new Error(`No such image: ${name}`);
    return { image: imageBehind(parsed), id: found.digests[0] ?? found.id };
  }
}

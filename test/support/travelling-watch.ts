/**
 * A watch that goes from one API server to the next: whenever it ends, or has been told enough, it is resumed
 * through another one from where it was. It never lists, so whatever it misses or is told twice is a fault.
 */
import { ApiError } from "../../src/api/errors.ts";
import type { Kind, KubeObject } from "../../src/api/kind.ts";
import { type Client, pathOf, queryOf } from "../../src/client/client.ts";
import { readLines } from "../../src/client/watch-lines.ts";
import { realSleep } from "./real-sleep.ts";

export interface TravellingWatchOptions {
  kind: Kind;
  namespace: string;
  clients: Client[];
  /** Where among them it begins. */
  first: number;
  /** The resourceVersion it begins after. */
  from: string;
  /** After how many events it moves on; absent: when the watch ends. */
  moveAfter?: number;
  signal: AbortSignal;
}

export class TravellingWatch {
  /** The resourceVersions of all events, in the order in which it was told. */
  readonly versions: number[] = [];
  /** Through how many watches it was told something. */
  legs = 0;
  /** What should not have come. */
  fault: unknown;
  readonly #options: TravellingWatchOptions;
  #position: string;

  constructor(options: TravellingWatchOptions) {
    this.#options = options;
    this.#position = options.from;
    void this.#travel();
  }

  async #travel(): Promise<void> {
    const { clients, first, signal } = this.#options;
    for (let i = first; !signal.aborted && this.fault === undefined; i++) {
      try {
        await this.#leg(clients[i % clients.length]!);
      } catch (error) {
        // Whoever is gone, or is not yet where we are, is passed by.
        if (error instanceof ApiError && error.status.code === 410) this.fault = error;
        else if (!(error instanceof MovedOn)) await realSleep(50);
      }
    }
  }

  async #leg(client: Client): Promise<void> {
    const { kind, namespace, moveAfter = Number.POSITIVE_INFINITY, signal } = this.#options;
    const query = queryOf({ watch: 1, resourceVersion: this.#position });
    const path = pathOf(kind, namespace) + query;
    const { body } = await client.send("GET", path, undefined, { signal });
    let told = 0;
    await readLines(body, signal, (line) => {
      const { type, object } = JSON.parse(line) as { type: string; object: KubeObject };
      if (type === "ERROR") throw ApiError.fromStatus(500, object as object);
      if (told++ === 0) this.legs++;
      this.#position = object.metadata.resourceVersion!;
      this.versions.push(Number(this.#position));
      if (told === moveAfter) throw new MovedOn();
    });
  }
}

class MovedOn extends Error {
  override readonly name = "MovedOn";
}

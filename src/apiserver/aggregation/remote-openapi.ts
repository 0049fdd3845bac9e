/**
 * What a server behind this one says of its types: OpenAPI v2, which is merged into ours, and where its v3 document is,
 * which is passed on as it is. One that says nothing, or nonsense, is left out; what it said last is kept while it is away.
 *
 * In Kubernetes: staging/src/k8s.io/kube-aggregator/pkg/controllers/{openapi,openapiv3}/aggregator. Differs: a server that
 * knows v2 only is not in v3.
 */
import type { Json } from "../openapi/definitions.ts";
import type { RemoteServer } from "./remote-server.ts";

const TIMEOUT_MS = 10_000;

export class RemoteOpenApi {
  readonly #server: RemoteServer;
  readonly #groupVersion: string;
  #etag = "";
  /** Its part of /openapi/v2: another object when it says something else. */
  v2: Json | undefined;
  /** Its place in /openapi/v3: "/openapi/v3/apis/wardle.example.com/v1alpha1?hash=..." */
  v3Url: string | undefined;

  constructor(server: RemoteServer, groupVersion: string) {
    this.#server = server;
    this.#groupVersion = groupVersion;
  }

  get v3Path(): string {
    return `apis/${this.#groupVersion}`;
  }

  /** Asks anew. Throws what went wrong, with all as it was. */
  async refresh(): Promise<void> {
    await this.#refreshV2();
    await this.#refreshV3();
  }

  async #refreshV2(): Promise<void> {
    const answer = await this.#server.read("/openapi/v2", TIMEOUT_MS, {
      ...(this.#etag && { "if-none-match": this.#etag }),
    });
    if (answer.status === 304) return;
    if (answer.status === 404) this.v2 = undefined;
    if (answer.status !== 200) return;
    const [{ partOf }, { encodeV2 }] = await Promise.all([
      import("../openapi/remote-document.ts"),
      import("../openapi/gnostic.ts"),
    ]);
    const part = partOf(JSON.parse(answer.body.toString()) as Json, this.#groupVersion);
    // One that cannot be written as protobuf would spoil everybody's.
    encodeV2(part);
    this.v2 = part;
    this.#etag = answer.etag;
  }

  async #refreshV3(): Promise<void> {
    const { status, body } = await this.#server.read("/openapi/v3", TIMEOUT_MS);
    if (status === 404) this.v3Url = undefined;
    if (status !== 200) return;
    const { paths = {} } = JSON.parse(body.toString()) as {
      paths?: Record<string, { serverRelativeURL?: string }>;
    };
    this.v3Url = paths[this.v3Path]?.serverRelativeURL;
  }
}

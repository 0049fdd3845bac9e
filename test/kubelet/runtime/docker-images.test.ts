/** Images that are pulled, images that cannot be, and images that go. */
import { once } from "node:events";
import { createServer } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ManualClock } from "../../support/manual-clock.ts";
import { describeWith } from "../../support/needs.ts";
import { startRegistry, type TestRegistry } from "../../support/registry.ts";
import { useDocker } from "./docker-node.ts";

describeWith(["root", "docker", "busybox"], "an image on Docker", () => {
  const node = useDocker();

  test("that is pulled without progress for a minute is given up", async () => {
    const registry = createServer(() => undefined);
    registry.listen(0, "127.0.0.1");
    await once(registry, "listening");
    const { port } = registry.address() as { port: number };
    const clock = new ManualClock();
    const patient = node.startRuntime(node.daemon.endpoint, clock);

    const pulling = patient.pullImage(`127.0.0.1:${port}/slow`);
    const outcome = expect(pulling).rejects.toMatchObject({
      reason: "ErrImagePull",
      message: "rpc error: code = Unknown desc = context canceled",
    });
    await once(registry, "connection");
    clock.advance(60_000);

    await outcome;
    expect(clock.pending).toBe(0);
    patient.close();
    registry.closeAllConnections();
    registry.close();
  });

  test("whose registry is not there cannot be pulled, in Docker's words", async () => {
    await expect(node.runtime.pullImage("127.0.0.1:1/nothing:here")).rejects.toMatchObject({
      name: "ImageError",
      reason: "ErrImagePull",
      message: expect.stringMatching(
        /^rpc error: code = Unknown desc = Error response from daemon: .*connection refused/,
      ),
    });
  });

  test("with two names goes with the last of them", async () => {
    const busybox = node.daemon.docker.getImage("busybox");
    await busybox.tag({ repo: "twice", tag: "one" });
    const container = await node.daemon.docker.createContainer({ Image: "twice:one" });
    const { Id: id } = (await container.commit({ repo: "made", tag: "one" })) as { Id: string };
    await node.daemon.docker.getImage(id).tag({ repo: "made", tag: "two" });

    await node.runtime.removeImage(id);
    await node.runtime.removeImage(id);

    expect(await node.runtime.imageStatus("made:one")).toBeUndefined();
    expect(await node.runtime.imageStatus("made:two")).toBeUndefined();
  });
});

describeWith(["root", "docker", "busybox", "registry"], "an image in a private registry", () => {
  const node = useDocker();
  let registry: TestRegistry;
  let image: string;

  beforeAll(async () => {
    registry = await startRegistry();
    image = `${registry.address}/school/web:1.0`;
    await push(image);
    await node.runtime.removeImage(image);
  });
  afterAll(() => registry?.stop());

  /** Gives busybox this name, and uploads it. */
  async function push(name: string): Promise<void> {
    const [, repo, tag] = /^(.*):([^:]*)$/.exec(name)!;
    await node.daemon.docker.getImage("busybox").tag({ repo: repo!, tag: tag! });
    const { username, password, serverAddress } = registry.credentials;
    const authconfig = { username, password, serveraddress: serverAddress! };
    const progress = await node.daemon.docker.getImage(name).push({ authconfig });
    await new Promise<void>((resolve, reject) =>
      node.daemon.docker.modem.followProgress(progress, (error) =>
        error ? reject(error) : resolve(),
      ),
    );
  }

  test("cannot be pulled without its password", async () => {
    await expect(node.runtime.pullImage(image)).rejects.toMatchObject({
      reason: "ErrImagePull",
      message:
        `rpc error: code = Unknown desc = Error response from daemon: Head "http://${registry.address}` +
        `/v2/school/web/manifests/1.0": no basic auth credentials`,
    });
    expect(await node.runtime.imageStatus(image)).toBeUndefined();
  });

  test("cannot be pulled with a wrong one", async () => {
    const wrong = { ...registry.credentials, password: "cheese" };

    await expect(node.runtime.pullImage(image, wrong)).rejects.toMatchObject({
      reason: "ErrImagePull",
      message: expect.stringMatching(
        /^rpc error: code = Unknown desc = Error response from daemon: .*unauthorized: authentication required$/,
      ),
    });
  });

  test("is pulled with its password, and runs under the name it was pulled by", async () => {
    await node.runtime.pullImage(image, registry.credentials);

    const pulled = await node.runtime.imageStatus(image);
    expect(pulled!.tags).toContain(image);
    const digest = pulled!.digests.find((one) => one.startsWith(registry.address));
    expect(digest).toMatch(/\/school\/web@sha256:[0-9a-f]{64}$/);
    const { id } = await node.startPod({ image });
    expect(await node.runtime.containerStatus(id)).toMatchObject({
      image,
      imageId: `docker-pullable://${digest}`,
    });
  });

  test("is pulled by its digest", async () => {
    await node.runtime.pullImage(image, registry.credentials);
    const { digests } = (await node.runtime.imageStatus(image))!;
    const digest = digests.find((one) => one.startsWith(registry.address))!;

    await node.runtime.pullImage(digest, registry.credentials);

    expect((await node.runtime.imageStatus(digest))!.digests).toContain(digest);
  });

  test("that has no such tag is not found", async () => {
    const missing = `${registry.address}/school/web:2.0`;

    await expect(node.runtime.pullImage(missing, registry.credentials)).rejects.toMatchObject({
      reason: "ErrImagePull",
      message:
        `rpc error: code = NotFound desc = Error response from daemon: manifest for ${missing} ` +
        "not found: manifest unknown: manifest unknown",
    });
  });

  test("of a sandbox is pulled when it is missing", async () => {
    const pause = `${registry.address}/school/pause:1.0`;

    await expect(node.startPod({}, { image: pause })).rejects.toThrow(
      `rpc error: code = Unknown desc = failed pulling image "${pause}": Error response from daemon: Head "http://${registry.address}` +
        `/v2/school/pause/manifests/1.0": no basic auth credentials`,
    );
  });
});

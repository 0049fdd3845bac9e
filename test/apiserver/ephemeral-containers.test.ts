import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Pod } from "../../src/api/pod.ts";
import { ask } from "../support/api-request.ts";
import { startTestApiServer } from "../support/api-server.ts";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
beforeEach(async () => {
  server = await startTestApiServer();
  await server.client.create(Pod, "default", {
    metadata: { name: "web" },
    spec: { containers: [{ name: "main", image: "nginx" }] },
  });
});
afterEach(() => server.stop());

const path = "/api/v1/namespaces/default/pods/web/ephemeralcontainers";
const strategic = { "content-type": "application/strategic-merge-patch+json" };
const debug = (more: object = {}) => ({ name: "debug", image: "busybox", ...more });
const patch = (...ephemeralContainers: object[]) =>
  ask(server.transport, "PATCH", path, { spec: { ephemeralContainers } }, strategic);

describe("the ephemeral containers of a pod", () => {
  test("are added one after the other, with the defaults of a container", async () => {
    expect((await patch(debug({ targetContainerName: "main" }))).status).toBe(200);
    await patch({ name: "second", image: "busybox:1.36" });

    const { spec } = await server.client.get(Pod, "default", "web");
    const [first, second] = spec.ephemeralContainers!.toSorted((a, b) =>
      a.name < b.name ? -1 : 1,
    );
    expect(first).toMatchObject({
      name: "debug",
      targetContainerName: "main",
      imagePullPolicy: "Always",
      terminationMessagePath: "/dev/termination-log",
    });
    expect(second).toMatchObject({
      name: "second",
      imagePullPolicy: "IfNotPresent",
      terminationMessagePolicy: "File",
    });
    expect((await ask(server.transport, "GET", path)).json.spec).toEqual(spec);
  });

  test("are all that is taken from what is sent", async () => {
    const pod = await server.client.get(Pod, "default", "web");
    pod.metadata.labels = { changed: "yes" };
    pod.spec.containers[0]!.image = "changed";
    pod.spec.ephemeralContainers = [debug()];
    expect((await ask(server.transport, "PUT", path, pod)).status).toBe(200);

    const now = await server.client.get(Pod, "default", "web");
    expect(now.metadata.labels).toBeUndefined();
    expect(now.spec.containers[0]!.image).toBe("nginx");
    expect(now.spec.ephemeralContainers).toHaveLength(1);
    expect((await ask(server.transport, "PUT", path, pod)).json).toMatchObject({
      code: 409,
      reason: "Conflict",
    });
  });

  test("may neither be changed nor removed", async () => {
    await patch(debug());
    expect((await patch(debug({ image: "other" }))).json.details.causes).toEqual([
      {
        reason: "FieldValueForbidden",
        message: expect.stringMatching(
          /^Forbidden: existing ephemeral containers "debug" may not be changed\n.*Image: "other"/s,
        ),
        field: "spec.ephemeralContainers",
      },
    ]);
    const pod = await server.client.get(Pod, "default", "web");
    delete pod.spec.ephemeralContainers;
    expect((await ask(server.transport, "PUT", path, pod)).json.message).toBe(
      'Pod "web" is invalid: spec.ephemeralContainers: Forbidden: existing ephemeral containers "debug" may not be removed\n',
    );
  });

  test.each([
    [debug({ name: "main" }), 'spec.ephemeralContainers[0].name: Duplicate value: "main"'],
    [
      debug({ targetContainerName: "none" }),
      'spec.ephemeralContainers[0].targetContainerName: Not found: "none"',
    ],
    [
      debug({ ports: [{ containerPort: 80 }] }),
      "spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container",
    ],
    [
      debug({ resources: { limits: { cpu: "1" } } }),
      "spec.ephemeralContainers[0].resources: Forbidden: cannot be set for an Ephemeral Container",
    ],
    [
      debug({ livenessProbe: { exec: { command: ["true"] } } }),
      "spec.ephemeralContainers[0].livenessProbe: Forbidden: cannot be set for an Ephemeral Container",
    ],
    [{ name: "debug" }, "spec.ephemeralContainers[0].image: Required value"],
  ])("are refused as %j", async (container, wording) => {
    const { json } = await patch(container);
    expect(json).toMatchObject({ code: 422, reason: "Invalid" });
    expect(json.message).toBe(`Pod "web" is invalid: ${wording}`);
  });

  test("cannot come with the pod, nor by an ordinary update", async () => {
    const { json } = await ask(server.transport, "POST", "/api/v1/namespaces/default/pods", {
      metadata: { name: "other" },
      spec: { containers: [{ name: "main", image: "nginx" }], ephemeralContainers: [debug()] },
    });
    expect(json.message).toContain("spec.ephemeralContainers: Forbidden: cannot be set on create");
    const plain = path.replace("/ephemeralcontainers", "");
    const update = { spec: { ephemeralContainers: [debug()] } };
    const refused = await ask(server.transport, "PATCH", plain, update, strategic);
    expect(refused.json.message).toContain("pod updates may not change fields other than");
  });
});

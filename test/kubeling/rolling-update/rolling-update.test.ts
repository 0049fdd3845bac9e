/** `kubeling rolling-update` against a whole cluster, pods watched all the while. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Pod } from "../../../src/api/pod.ts";
import { isPodReady } from "../../../src/api/pod-status.ts";
import { ReplicationController } from "../../../src/api/replication-controller.ts";
import { systemClock } from "../../../src/component/clock.ts";
import { rollingUpdate } from "../../../src/kubeling/rolling-update.ts";
import { openWatch } from "../../support/api-request.ts";
import { eventually } from "../../support/eventually.ts";
import { startWholeCluster, type WholeCluster } from "../../support/whole-cluster.ts";

let cluster: WholeCluster;
/** Each test in a namespace of its own. */
let namespace = "";
let count = 0;
beforeAll(async () => {
  cluster = await startWholeCluster();
});
afterAll(() => cluster.stop());
beforeEach(async () => {
  namespace = `room${++count}`;
  await cluster.client.raw("POST", "/api/v1/namespaces", {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: namespace },
  });
});

const FAST = ["--update-period=10ms", "--poll-interval=20ms", "--timeout=200s"];

async function run(...args: string[]) {
  let stdout = "";
  let stderr = "";
  const where = [`--server=${cluster.server}`, `--namespace=${namespace}`];
  const code = await rollingUpdate(
    [...args, ...where, ...FAST.filter((flag) => !isGiven(flag, args))],
    {
      clock: systemClock,
      env: {},
      stdout: (text) => {
        stdout += text;
      },
      stderr: (text) => {
        stderr += text;
      },
    },
  );
  return { code, stdout, stderr, lines: stdout.trimEnd().split("\n") };
}
const isGiven = (flag: string, args: string[]) =>
  args.some((arg) => arg.startsWith(`${flag.split("=")[0]}=`));

const controller = (
  name: string,
  labels: Record<string, string>,
  image = "nginx:1.24",
  replicas?: number,
) => ({
  apiVersion: "v1",
  kind: "ReplicationController",
  metadata: { name },
  spec: {
    ...(replicas === undefined ? {} : { replicas }),
    selector: labels,
    template: {
      metadata: { labels },
      spec: { containers: [{ name: "web", image }], terminationGracePeriodSeconds: 1 },
    },
  },
});

async function createOld(replicas = 3, labels: Record<string, string> = { app: "web" }) {
  await cluster.client.create(
    ReplicationController,
    namespace,
    controller("web", labels, "nginx:1.24", replicas),
  );
  await eventually(async () => expect(await readyPods()).toHaveLength(replicas));
}
const pods = async () => (await cluster.client.list(Pod, { namespace })).items;
const readyPods = async () =>
  (await pods()).filter((pod) => isPodReady(pod) && !pod.metadata.deletionTimestamp);
const get = (name: string) => cluster.client.get(ReplicationController, namespace, name);
const names = async () =>
  (await cluster.client.list(ReplicationController, { namespace })).items.map(
    ({ metadata }) => metadata.name,
  );
/** What is deleted goes as soon as the garbage collector has let its pods go. */
const onlyThereIs = (wanted: string[]) =>
  eventually(async () => expect(await names()).toEqual(wanted));
const imagesOf = async () => [
  ...new Set((await readyPods()).map(({ spec }) => spec.containers[0]!.image)),
];

function file(content: unknown): string {
  const path = join(cluster.directory, `${namespace}.json`);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

/** The fewest pods that were ready, and the most there were, at any one event. */
async function watchPods() {
  const path = `/api/v1/namespaces/${namespace}/pods?watch=1`;
  const watch = await openWatch(cluster.transport, path);
  return () => {
    watch.close();
    const known = new Map<string, Pod>();
    let fewestReady = Number.POSITIVE_INFINITY;
    let most = 0;
    let hasBegun = false;
    for (const { type, object } of watch.events) {
      const pod = object as Pod;
      // The pods that are there come first, one by one.
      hasBegun ||= type !== "ADDED" || pod.metadata.labels?.version === "2";
      if (type === "DELETED") known.delete(pod.metadata.name);
      else known.set(pod.metadata.name, pod);
      if (!hasBegun) continue;
      const alive = [...known.values()].filter(({ metadata }) => !metadata.deletionTimestamp);
      fewestReady = Math.min(fewestReady, alive.filter(isPodReady).length);
      most = Math.max(most, alive.length);
    }
    return { fewestReady, most };
  };
}

describe("an update from a file", () => {
  test("goes step by step, keeps every pod it needs, and deletes the old controller", async () => {
    await createOld(3, { app: "web", version: "1" });
    const path = file(controller("web-v2", { app: "web", version: "2" }, "nginx:1.25"));
    const watched = await watchPods();
    const { code, lines, stderr } = await run("web", "-f", path);

    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(lines).toEqual([
      "Created web-v2",
      "Scaling up web-v2 from 0 to 3, scaling down web from 3 to 0 (keep 3 pods available, don't exceed 4 pods)",
      "Scaling web-v2 up to 1",
      "Scaling web down to 2",
      "Scaling web-v2 up to 2",
      "Scaling web down to 1",
      "Scaling web-v2 up to 3",
      "Scaling web down to 0",
      "Update succeeded. Deleting web",
      'replicationcontroller "web" rolling updated to "web-v2"',
    ]);
    expect(watched()).toEqual({ fewestReady: 3, most: 4 });
    await onlyThereIs(["web-v2"]);
    expect(await imagesOf()).toEqual(["nginx:1.25"]);
    expect((await get("web-v2")).metadata.annotations).toBeUndefined();
  });

  test("may be YAML", async () => {
    await createOld(1, { app: "web", version: "1" });
    const path = file(`# the next one
apiVersion: v1
kind: ReplicationController
metadata:
  name: web-v2
spec:
  replicas: 1
  selector: {app: web, version: "2"}
  template:
    metadata:
      labels: {app: web, version: "2"}
    spec:
      containers:
      - name: web
        image: nginx:1.25
`);
    expect((await run("web", "-f", path)).code).toBe(0);
    await onlyThereIs(["web-v2"]);
  });
});

describe("an update to an image", () => {
  test("keeps the name where it is given no other", async () => {
    await createOld(2);
    const watched = await watchPods();
    const { code, lines, stderr } = await run("web", "--image=nginx:1.25");

    expect(stderr).toBe("");
    expect(code).toBe(0);
    const temporary = lines[0]!.replace("Created ", "");
    expect(temporary).toMatch(/^web-[0-9a-f]{32}$/);
    expect(lines.slice(-3)).toEqual([
      "Update succeeded. Deleting old controller: web",
      `Renaming ${temporary} to web`,
      'replicationcontroller "web" rolling updated',
    ]);
    expect(watched().fewestReady).toBe(2);
    await onlyThereIs(["web"]);
    expect(await imagesOf()).toEqual(["nginx:1.25"]);
    const { spec, metadata } = await get("web");
    expect(spec.selector).toEqual({ app: "web", deployment: temporary.slice("web-".length) });
    expect(metadata.annotations).toBeUndefined();
    const owned = await eventually(async () => {
      const owners = (await readyPods()).map((pod) => pod.metadata.ownerReferences?.[0]?.uid);
      expect(owners).toEqual([metadata.uid, metadata.uid]);
      return owners;
    });
    expect(owned).toHaveLength(2);
  });

  test("takes the name it is given, twice over", async () => {
    await createOld(2);
    const first = await run("web", "web-v2", "--image=nginx:1.25");
    expect(first.lines.at(-1)).toBe('replicationcontroller "web" rolling updated to "web-v2"');
    const second = await run("web-v2", "web-v3", "--image=nginx:1.26");
    expect(second.code).toBe(0);
    await onlyThereIs(["web-v3"]);
    expect(await imagesOf()).toEqual(["nginx:1.26"]);
  });

  test("with --dry-run only says what it would do", async () => {
    await createOld(1);
    const { stdout } = await run("web", "web-v2", "--image=nginx:1.25", "--dry-run");
    expect(stdout).toBe("Rolling from:\nweb\nTo:\nweb-v2\n");
    await onlyThereIs(["web"]);
    expect((await get("web")).spec.selector).toEqual({ app: "web" });
  });
});

describe("an update that was cut off", () => {
  /** The new pods never become ready: the update stops after its first step. */
  const stuck = () =>
    run("web", "web-v2", "--image=nginx:1.25", "--timeout=2s", "--update-period=300ms");

  async function cutOff() {
    await createOld(3);
    // A node selector nobody fits: the new pod stays Pending.
    await cluster.client.patch(ReplicationController, namespace, "web", {
      spec: { template: { spec: { nodeSelector: { disk: "none" } } } },
    });
    const outcome = await stuck();
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toBe("error: timed out waiting for any update progress to be made\n");
    expect((await get("web-v2")).spec.replicas).toBe(1);
  }
  async function letIn() {
    await cluster.client.patch(
      ReplicationController,
      namespace,
      "web-v2",
      { spec: { template: { spec: { nodeSelector: null } } } },
      { type: "merge" },
    );
    const [pending] = (await pods()).filter(({ spec }) => spec.nodeSelector);
    await cluster.client.delete(Pod, namespace, pending!.metadata.name);
  }

  test("leaves its notes on both controllers", async () => {
    await cutOff();
    const old = await get("web");
    expect(old.metadata.annotations).toEqual({
      "kubectl.kubernetes.io/next-controller-id": "web-v2",
      "kubectl.kubernetes.io/original-replicas": "3",
    });
    expect((await get("web-v2")).metadata.annotations).toEqual({
      "kubectl.kubernetes.io/desired-replicas": "3",
      "kubectl.kubernetes.io/update-source-id": `web:${old.metadata.uid}`,
    });
  });

  test("goes on where it was", async () => {
    await cutOff();
    await letIn();
    const watched = await watchPods();
    const { code, lines, stderr } = await run("web", "web-v2", "--image=nginx:1.25");
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(lines.slice(0, 3)).toEqual([
      "Found existing update in progress (web-v2), resuming.",
      "Continuing update with existing controller web-v2.",
      "Scaling up web-v2 from 1 to 3, scaling down web from 3 to 0 (keep 3 pods available, don't exceed 4 pods)",
    ]);
    expect(watched().fewestReady).toBe(3);
    await onlyThereIs(["web-v2"]);
    expect(await imagesOf()).toEqual(["nginx:1.25"]);
  });

  test("does not go on to another image", async () => {
    await cutOff();
    const { code, stderr } = await run("web", "web-v2", "--image=nginx:1.99");
    expect(code).toBe(1);
    expect(stderr).toBe(
      "error: Found existing in-progress update to image (nginx:1.25).\nEither continue in-progress update with --image=nginx:1.25 or rollback with --rollback\n",
    );
  });

  test("is taken back with --rollback", async () => {
    await cutOff();
    const watched = await watchPods();
    const { code, lines, stderr } = await run("web", "web-v2", "--rollback");
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(lines).toEqual([
      'Setting "web" replicas to 3',
      "Continuing update with existing controller web.",
      "Scaling up web from 3 to 3, scaling down web-v2 from 1 to 0 (keep 3 pods available, don't exceed 4 pods)",
      "Scaling web-v2 down to 0",
      "Update succeeded. Deleting web-v2",
      'replicationcontroller "web" rolling updated',
    ]);
    expect(watched().fewestReady).toBe(3);
    await onlyThereIs(["web"]);
    expect(await imagesOf()).toEqual(["nginx:1.24"]);
  });

  test("between deleting the old and renaming the new, ends with the rename", async () => {
    const rc = controller("web-abc", { app: "web", deployment: "abc" }, "nginx:1.25", 1);
    const notes = { "kubectl.kubernetes.io/update-source-id": "web:some-uid" };
    await cluster.client.create(ReplicationController, namespace, {
      ...rc,
      metadata: { ...rc.metadata, annotations: notes },
    });
    expect(await run("web", "--image=nginx:1.25")).toMatchObject({ code: 0, stderr: "" });
    await onlyThereIs(["web"]);
  });
});

describe("an update is refused", () => {
  const USAGE = "See 'kubeling rolling-update -h' for help and examples.\n";

  test.each([
    [
      [],
      [
        "Must specify --filename or --image for new controller",
        "Must specify the controller to update",
      ],
    ],
    [["web"], ["Must specify --filename or --image for new controller"]],
    [["web", "-f", "a", "--image=b"], ["--filename and --image can not both be specified"]],
    [["web", "-f", "a", "-f", "b"], ["May only specify a single filename for new controller"]],
    [["web", "--rollback", "--image=b"], ["Don't specify --filename or --image on rollback"]],
    [["web", "--image=b", "--deployment-label-key="], ["--deployment-label-key can not be empty"]],
  ])("with the arguments %j", async (args, errors) => {
    const { code, stderr } = await run(...args);
    expect(code).toBe(1);
    expect(stderr).toBe(errors.map((error) => `error: ${error}\n${USAGE}`).join(""));
  });

  const refusalOf = async (...args: string[]) => {
    const { code, stderr } = await run(...args);
    expect(code).toBe(1);
    return stderr;
  };

  test("with a flag that does not exist", async () => {
    expect(await refusalOf("web", "--imgae=a")).toBe("error: unknown flag: --imgae\n");
  });

  test("without the old controller", async () => {
    expect(await refusalOf("web", "new", "--image=a")).toBe(
      'Error from server (NotFound): replicationcontrollers "web" not found\n',
    );
    expect(await refusalOf("web", "--image=a")).toBe(
      `error: couldn't find a replication controller with source id == ${namespace}/web\n`,
    );
  });

  test("with a file that holds no one controller", async () => {
    await createOld(0);
    const { metadata: _, ...rest } = controller("web-v2", { app: "other" });
    const cases: [string, string][] = [
      [join(cluster.directory, "none.json"), 'the path "FILE" does not exist'],
      [file(""), "please make sure FILE exists and is not empty"],
    ];
    for (const [path, words] of cases) {
      expect(await refusalOf("web", "-f", path)).toBe(`error: ${words.replace("FILE", path)}\n`);
    }
    const two = file(
      `${JSON.stringify(controller("a", { a: "1" }))}\n---\n${JSON.stringify(controller("b", { a: "1" }))}`,
    );
    expect(await refusalOf("web", "-f", two)).toBe(`error: ${two} specifies multiple items\n`);
    const pod = file({ apiVersion: "v1", kind: "Pod", metadata: { name: "a" } });
    expect(await refusalOf("web", "-f", pod)).toBe(
      `error: ${pod} contains a /v1, Kind=Pod not a ReplicationController\n`,
    );
    const elsewhere = file({ ...rest, metadata: { name: "web-v2", namespace: "other" } });
    expect(await refusalOf("web", "-f", elsewhere)).toBe(
      `error: the namespace from the provided object "other" does not match the namespace "${namespace}". You must pass '--namespace=other' to perform this operation.\n`,
    );
  });

  test("with a file that is the old controller, or selects as it does", async () => {
    await createOld(0);
    const same = file(controller("web", { app: "other" }));
    expect(await refusalOf("web", "-f", same)).toBe(
      `error: ${same} cannot have the same name as the existing ReplicationController web\n`,
    );
    const alike = file(controller("web-v2", { app: "web" }));
    expect(await refusalOf("web", "-f", alike)).toBe(
      `error: ${alike} must specify a matching key with non-equal value in Selector for web\n`,
    );
  });

  test("to nothing, and over a controller that is nobody's successor", async () => {
    await createOld(0);
    const none = file(controller("web-v2", { app: "other" }, "nginx", 0));
    expect(await refusalOf("web", "-f", none)).toBe(
      "error: Invalid controller spec for web-v2; required: > 0 replicas, actual: 0\n",
    );
    await cluster.client.create(
      ReplicationController,
      namespace,
      controller("web-v2", { app: "other" }, "nginx", 0),
    );
    const { uid } = (await get("web")).metadata;
    expect(await refusalOf("web", "-f", none)).toBe(
      `error: Missing/unexpected annotations for controller web-v2, expected web:${uid} : map[]\n`,
    );
  });

  test("of a container that is not named, or not there, or has that image", async () => {
    await createOld(0);
    expect(await refusalOf("web", "--image=nginx:1.24")).toBe(
      "error: --image-pull-policy (Always|Never|IfNotPresent) must be provided when --image is the same as existing container image\n",
    );
    expect(await refusalOf("web", "--image=a", "--container=db")).toBe(
      "error: container db not found in pod\n",
    );
    const containers = [
      { name: "web", image: "a" },
      { name: "side", image: "b" },
    ];
    await cluster.client.patch(ReplicationController, namespace, "web", {
      spec: { template: { spec: { containers } } },
    });
    expect(await refusalOf("web", "--image=c")).toBe(
      "error: must specify container to update when updating a multi-container pod\n",
    );
  });

  test("backwards, where there is no way back", async () => {
    await createOld(0);
    expect(await refusalOf("web", "web-v2", "--rollback")).toBe(
      "error: Could not find web-v2 to rollback.\n",
    );
    await cluster.client.create(
      ReplicationController,
      namespace,
      controller("web-v2", { app: "other" }, "nginx", 0),
    );
    expect(await refusalOf("web", "web-v2", "--rollback")).toBe(
      `error: couldn't find original replica count of "web"\n`,
    );
  });
});

test("the help lists the flags with the defaults of kubectl", async () => {
  const { code, stdout } = await run("--help");
  expect(code).toBe(0);
  expect(stdout).toMatch(/--update-period duration .*\(default 1m0s\)/);
  expect(stdout).toMatch(/--poll-interval duration .*\(default 3s\)/);
  expect(stdout).toMatch(/--timeout duration .*\(default 5m0s\)/);
  expect(stdout).toMatch(/--deployment-label-key string .*\(default "deployment"\)/);
});

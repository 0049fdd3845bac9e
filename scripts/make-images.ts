/**
 * Makes the few images a first lesson needs, out of the machine's own busybox, for a Docker that
 * cannot reach a registry: `busybox`, `pause` (what holds a pod's namespaces) and `nginx`, which is
 * not nginx but busybox's web server telling the name of its pod.
 *
 *   npx tsx scripts/make-images.ts            (the Docker of $DOCKER_HOST, or the usual socket)
 *
 * Needs a statically linked busybox (Debian and Ubuntu: busybox-static) and tar.
 */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import Docker from "dockerode";

/**
 * A pause container has one child too many: the first process of a PID namespace must take leave of
 * orphans, which the shell does while it waits. Without the trap it would not hear a SIGTERM.
 */
const WAIT_FOR_EVER = "trap 'exit 0' TERM INT; sleep 2147483647 & wait";

const SERVE = [
  'echo "Welcome to nginx on $(hostname)" > /www/index.html',
  'echo "ready for start up on $(hostname)"',
  "trap 'exit 0' TERM INT",
  "httpd -f -v -p 80 -h /www & wait",
].join("; ");

/**
 * Under which further names the lessons and the kubelet's defaults ask for them: an image without a
 * tag (or tagged `latest`) is pulled anew for every pod.
 */
const OTHER_NAMES: Record<string, string[]> = {
  pause: ["registry.k8s.io/pause:3.9"],
  nginx: ["nginx:1.25"],
};

/** What each image does when it is not told otherwise, in the words of a Dockerfile. */
const IMAGES: Record<string, string[]> = {
  busybox: ['CMD ["sh"]'],
  pause: [`ENTRYPOINT ${JSON.stringify(["sh", "-c", WAIT_FOR_EVER])}`],
  nginx: [`CMD ${JSON.stringify(["sh", "-c", SERVE])}`, "EXPOSE 80/tcp"],
};

/** Resolves to the names of the images made. */
export async function makeImages(docker: Docker, busybox = findBusybox()): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), "kubeling-images-"));
  try {
    const archive = join(directory, "root.tar");
    layOut(join(directory, "root"), busybox);
    execFileSync("tar", [
      "-C",
      join(directory, "root"),
      "--owner=0",
      "--group=0",
      "-cf",
      archive,
      ".",
    ]);
    for (const [repo, changes] of Object.entries(IMAGES)) {
      await load(docker, archive, { repo, tag: "latest", changes });
      for (const name of OTHER_NAMES[repo] ?? []) await giveName(docker, repo, name);
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
  return Object.keys(IMAGES).flatMap((name) => [name, ...(OTHER_NAMES[name] ?? [])]);
}

function findBusybox(): string {
  return execFileSync("sh", ["-c", "command -v busybox"], { encoding: "utf8" }).trim();
}

/** A root file system: one program under its many names, and the files that programs look for. */
function layOut(root: string, busybox: string): void {
  for (const folder of ["bin", "etc", "proc", "sys", "dev", "root", "tmp", "var/run", "www"]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  chmodSync(join(root, "tmp"), 0o1777);
  copyFileSync(busybox, join(root, "bin/busybox"));
  chmodSync(join(root, "bin/busybox"), 0o755);
  const applets = execFileSync(busybox, ["--list"], { encoding: "utf8" }).split("\n");
  for (const applet of applets.filter((name) => name !== "" && name !== "busybox")) {
    symlinkSync("busybox", join(root, "bin", applet));
  }
  writeFileSync(
    join(root, "etc/passwd"),
    "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
  );
  writeFileSync(join(root, "etc/group"), "root:x:0:\nnogroup:x:65534:\n");
}

async function giveName(docker: Docker, image: string, name: string): Promise<void> {
  const [repo, tag] = name.split(":");
  await docker.getImage(image).tag({ repo: repo!, tag: tag! });
}

async function load(
  docker: Docker,
  archive: string,
  { repo, tag, changes }: { repo: string; tag: string; changes: string[] },
): Promise<void> {
  const progress = await docker.importImage(archive, { repo, tag, changes });
  const error = await new Promise<Error | null>((resolve) =>
    docker.modem.followProgress(progress, resolve),
  );
  if (error) throw error;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  console.log(`made ${(await makeImages(new Docker())).join(", ")}`);
}

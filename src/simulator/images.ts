/**
 * The registry of simulated images: what stands behind a name. An image nobody knows is a program that
 * writes one line and goes on running, so that any manifest can be tried.
 *
 *   name contains            what happens
 *   "nonexistent", "notfound"  it cannot be pulled: no such repository
 *   tag "nonexistent"          it cannot be pulled: no such tag
 *   "crash"                    exits with 1 after a second
 *   "fail"                     exits with 1 at once
 */

import type { Program } from "./process.ts";
import { crash, longRunning, pause, redis, succeed } from "./programs/programs.ts";
import { shellProgram } from "./programs/shell.ts";
import { webServer } from "./programs/web-server.ts";
import { isShellCommand } from "./shell/commands.ts";

export interface SimulatedImage {
  sizeBytes: number;
  user: string;
  /** What runs when the pod gives no command of its own. */
  entrypoint: Program;
  files: Record<string, string>;
  env: Record<string, string>;
}

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const MEGABYTE = 1_000_000;

function image(name: string, sizeMegabytes: number, entrypoint: Program): SimulatedImage {
  return {
    sizeBytes: Math.round(sizeMegabytes * MEGABYTE),
    user: "",
    entrypoint,
    files: { "/etc/os-release": `NAME="${name}"\n` },
    env: { PATH },
  };
}

const WELCOME = `<!DOCTYPE html>
<html>
<head><title>Welcome to nginx!</title></head>
<body>
<h1>Welcome to nginx!</h1>
<p>This is a simulated nginx: it answers, but nothing stands behind it.</p>
</body>
</html>
`;

const IT_WORKS = "<html><body><h1>It works!</h1></body></html>\n";

const KNOWN: Record<string, SimulatedImage> = {
  nginx: {
    ...image("nginx", 67.7, webServer({ name: "nginx/1.25.3", port: 80 })),
    files: { "/usr/share/nginx/html/index.html": WELCOME },
  },
  httpd: {
    ...image("httpd", 60.4, webServer({ name: "Apache/2.4.58", port: 80 })),
    files: { "/usr/share/nginx/html/index.html": IT_WORKS },
  },
  busybox: image("busybox", 2.2, shellProgram),
  alpine: image("alpine", 3.4, shellProgram),
  ubuntu: image("ubuntu", 29.5, shellProgram),
  debian: image("debian", 49.6, shellProgram),
  centos: image("centos", 75.2, shellProgram),
  redis: image("redis", 44.9, redis),
  pause: image("pause", 0.3, pause),
  "pod-infrastructure": image("pod-infrastructure", 80, pause),
  "hello-world": image("hello-world", 0.01, succeed("\nHello from Docker!\n")),
};

export interface ImageName {
  /** "docker.io/library/nginx:1.25" */
  full: string;
  repository: string;
  /** The last part of the repository: "nginx". */
  short: string;
  tag: string;
}

/** Undefined when the name is not one. */
export function parseImageName(name: string): ImageName | undefined {
  const match =
    /^([a-z0-9][a-zA-Z0-9._:/-]*?)(?::([\w][\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(name);
  const repository = match?.[1];
  if (repository === undefined || /\/\/|[A-Z].*\/|:\/|[/:]$/.test(repository)) return undefined;
  if (/[A-Z]/.test(repository.split("/").at(-1)!)) return undefined;
  const tag = match?.[2] ?? "latest";
  const short = repository.split("/").at(-1)!;
  return { full: `${qualified(repository)}:${match?.[3] ?? tag}`, repository, short, tag };
}

/** As a registry names it: "nginx" is "docker.io/library/nginx". */
function qualified(repository: string): string {
  const [first = "", ...rest] = repository.split("/");
  if (rest.length === 0) return `docker.io/library/${repository}`;
  return /[.:]/.test(first) || first === "localhost" ? repository : `docker.io/${repository}`;
}

/** Why the registry will not give it; undefined if it will. */
export function whyMissing({ full, repository, tag }: ImageName): string | undefined {
  if (/nonexistent|notfound|does-?not-?exist/.test(repository)) {
    return (
      `Error response from daemon: pull access denied for ${repository}, repository does not ` +
      "exist or may require 'docker login': denied: requested access to the resource is denied"
    );
  }
  if (/nonexistent|notfound|does-?not-?exist/.test(tag)) {
    return `Error response from daemon: manifest for ${repository}:${tag} not found: manifest unknown: manifest unknown`;
  }
  return full === "" ? "no such image" : undefined;
}

export function imageBehind({ short, full }: ImageName): SimulatedImage {
  const known = KNOWN[short] ?? KNOWN[short.replace(/-(amd64|arm64)$/, "")];
  if (known) return known;
  if (short.includes("crash")) return image(short, 10, crash(1_000));
  if (short.includes("fail")) return image(short, 10, crash(0));
  return image(short, 25, longRunning(full));
}

/** The program a command line names; undefined when the image has no such file. */
export function programFor(image: SimulatedImage, argv: string[]): Program | undefined {
  const name = argv[0]?.split("/").at(-1) ?? "";
  if (argv.length === 0) return image.entrypoint;
  if (name === "nginx" || name === "httpd" || name === "redis-server") return image.entrypoint;
  return isShellCommand(name) ? shellProgram : undefined;
}

/** The command `kubeling`: picks the sub-command and runs it. */
import { systemClock } from "../component/clock.ts";
import { runDaemon } from "../component/daemon.ts";
import type { Terminal } from "./cluster-access.ts";

const USAGE = `kubeling: a small, whole Kubernetes

Usage:
  kubeling up [flags]     start a cluster in this process (kubeling up --help lists the flags)
  kubeling rolling-update OLD [NEW] --image=IMAGE | -f FILE
                          replace the pods of a replication controller one by one
  kubeling hosts COMMAND  three hosts on this machine (kubeling hosts help lists the commands)
  kubeling explain service NAME
                          the way of a connection through a node's rules, in words
  kubeling explain pod NAME
                          why the scheduler placed it where it is, or nowhere
  kubeling explain rc NAME
                          why a replication controller made or removed which pods
  kubeling version        print the version
  kubeling help           print this
`;

const thisTerminal: Terminal = {
  clock: systemClock,
  env: process.env,
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
};

async function main(): Promise<void> {
  const [command = "help"] = process.argv.splice(2, 1);
  switch (command) {
    case "up":
      return runDaemon((await import("./up.ts")).up);
    case "rolling-update": {
      const { rollingUpdate } = await import("./rolling-update.ts");
      process.exitCode = await rollingUpdate(process.argv.slice(2), thisTerminal);
      return;
    }
    case "explain": {
      const { explain } = await import("./explain.ts");
      process.exitCode = await explain(process.argv.slice(2), thisTerminal);
      return;
    }
    case "hosts": {
      const { hosts } = await import("./hosts/hosts.ts");
      return process.exit(await hosts(process.argv.slice(2)));
    }
    case "version":
      process.stdout.write(
        `kubeling ${(await import("../component/version.ts")).KUBELING_VERSION}\n`,
      );
      return;
    case "help":
    case "--help":
    case "-h":
      process.stdout.write(USAGE);
      return;
    default:
      process.stderr.write(`kubeling: unknown command ${JSON.stringify(command)}\n\n${USAGE}`);
      process.exitCode = 1;
  }
}

await main();

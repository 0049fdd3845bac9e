/** The command `kubeling`: picks the sub-command and runs it. */
import { runDaemon } from "../component/daemon.ts";

const USAGE = `kubeling: a small, whole Kubernetes

Usage:
  kubeling up [flags]     start a cluster in this process (kubeling up --help lists the flags)
  kubeling version        print the version
  kubeling help           print this
`;

async function main(): Promise<void> {
  const [command = "help"] = process.argv.splice(2, 1);
  switch (command) {
    case "up":
      return runDaemon((await import("./up.ts")).up);
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

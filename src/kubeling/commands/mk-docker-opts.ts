/** The command `mk-docker-opts`: flannel's mk-docker-opts.sh. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { makeDockerOptions } from "../../flannel/mk-docker-opts.ts";

process.exitCode = makeDockerOptions({
  args: process.argv.slice(2),
  environment: process.env,
  read: (path) => (existsSync(path) ? readFileSync(path, "utf8") : undefined),
  write: (path, text) => writeFileSync(path, text),
  stderr: (text) => process.stderr.write(text),
});

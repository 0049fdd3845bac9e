/** The command `flanneld`. */
import { runDaemon } from "../../component/daemon.ts";
import { flanneldArguments } from "../../flannel/command-line.ts";
import { flanneld } from "../../flannel/main.ts";

const args = flanneldArguments(flanneld.flags, process.argv.splice(2), process.env);
process.argv.push(...args);
await runDaemon(flanneld);

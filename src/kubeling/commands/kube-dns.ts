/** The command `kube-dns`. */
import { runDaemon } from "../../component/daemon.ts";
import { kubeDns } from "../../dns/main.ts";

await runDaemon(kubeDns);

/** The command `kube-proxy`. */
import { runDaemon } from "../../component/daemon.ts";
import { kubeProxy } from "../../proxy/main.ts";

await runDaemon(kubeProxy);

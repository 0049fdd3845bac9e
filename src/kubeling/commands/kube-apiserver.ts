/** The command `kube-apiserver`. */
import { kubeApiServer } from "../../apiserver/main.ts";
import { runDaemon } from "../../component/daemon.ts";

await runDaemon(kubeApiServer);

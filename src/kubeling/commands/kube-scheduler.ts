/** The command `kube-scheduler`. */
import { runDaemon } from "../../component/daemon.ts";
import { kubeScheduler } from "../../scheduler/main.ts";

await runDaemon(kubeScheduler);

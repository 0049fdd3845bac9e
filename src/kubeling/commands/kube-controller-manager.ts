/** The command `kube-controller-manager`. */
import { runDaemon } from "../../component/daemon.ts";
import { kubeControllerManager } from "../../controller-manager/main.ts";

await runDaemon(kubeControllerManager);

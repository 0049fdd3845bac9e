/** The command `kubelet`. */
import { runDaemon } from "../../component/daemon.ts";
import { kubelet } from "../../kubelet/main.ts";

await runDaemon(kubelet);

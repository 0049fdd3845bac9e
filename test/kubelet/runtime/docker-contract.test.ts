/** Docker keeps the Runtime's promises. */
import { systemClock } from "../../../src/component/clock.ts";
import { silentLog } from "../../../src/component/log.ts";
import { DockerRuntime } from "../../../src/kubelet/runtime/docker/docker-runtime.ts";
import { startDocker } from "../../support/docker.ts";
import { describeWith } from "../../support/needs.ts";
import { dockerPrograms } from "./docker-programs.ts";
import { testRuntime } from "./runtime-contract.ts";

describeWith(["root", "docker", "busybox"], "the Docker runtime", () => {
  testRuntime(async () => {
    const daemon = await startDocker();
    const runtimes: DockerRuntime[] = [];
    const start = () => {
      const runtime = new DockerRuntime({
        endpoint: daemon.endpoint,
        stateDirectory: daemon.directory,
        clock: systemClock,
        log: silentLog,
      });
      runtimes.push(runtime);
      return runtime;
    };
    return {
      runtime: start(),
      programs: dockerPrograms,
      startAgain: start,
      kill: (id) => daemon.docker.getContainer(id).kill(),
      async stop() {
        for (const runtime of runtimes) runtime.close();
        await daemon.stop();
      },
    };
  });
});

/** An API server for tests: on a store in memory, on a clock that moves only when told to. */
import { type ApiServerOptions, startApiServer } from "../../src/apiserver/apiserver.ts";
import { openMemoryStore } from "../../src/apiserver/storage/embedded-store.ts";
import { Client } from "../../src/client/client.ts";
import { silentLog } from "../../src/component/log.ts";
import { seededRandom } from "../../src/component/random.ts";
import { TestClock } from "./test-clock.ts";

export async function startTestApiServer(options: Partial<ApiServerOptions> = {}) {
  const clock = new TestClock();
  const random = seededRandom(1);
  const store = openMemoryStore({ log: silentLog });
  const server = await startApiServer({ store, clock, random, log: silentLog, ...options });
  return {
    client: new Client(server.transport),
    transport: server.transport,
    listen: server.listen,
    clock,
    random,
    store,
    async stop() {
      await server.stop();
      await store.close();
    },
  };
}

/** The process `bench api-server <directory or URL of etcd> <plain|tls>`: an API server and no more. */
import { startApiServer } from "../src/apiserver/apiserver.ts";
import { systemClock as clock } from "../src/component/clock.ts";
import { createLog } from "../src/component/log.ts";
import { systemRandom as random } from "../src/component/random.ts";
import { selfSigned } from "./self-signed.ts";

const log = createLog("bench", {
  clock,
  verbosity: 0,
  write: (line) => void process.stderr.write(line),
});

export async function runApiServer([place = "", door]: string[]): Promise<void> {
  const store = await openStore(place);
  const server = await startApiServer({ store, clock, random, log, allowsAnonymous: true });
  const tls = door === "tls" ? await selfSigned() : undefined;
  const where = { address: "127.0.0.1", port: 0 };
  const { port } = await server.listen(tls === undefined ? where : { ...where, tls });
  process.stdout.write(`listening on ${port}\n`);
  process.once("SIGTERM", async () => {
    await server.stop();
    await store.close();
    process.exit(0);
  });
}

async function openStore(place: string) {
  if (place.startsWith("http")) {
    const { openEtcdStore } = await import("../src/apiserver/storage/etcd-store.ts");
    return openEtcdStore({ endpoints: [place], clock, log });
  }
  const { openEmbeddedStore } = await import("../src/apiserver/storage/embedded-store.ts");
  return openEmbeddedStore({ directory: place, clock, log });
}

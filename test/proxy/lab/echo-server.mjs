/**
 * A pod that tells who it is: answers every connection (or datagram) with its name and the address
 * it sees the client under. Arguments: its name, a port for TCP and UDP.
 */
import { createSocket } from "node:dgram";
import { createServer } from "node:net";

const [name, port] = process.argv.slice(2);
const tcp = createServer((socket) => {
  socket.on("error", () => socket.destroy());
  socket.end(`${name} ${socket.remoteAddress}`);
});
const udp = createSocket("udp4");
udp.on("message", (_message, { port: from, address }) => {
  udp.send(`${name} ${address}`, from, address);
});
await new Promise((resolve) => tcp.listen(Number(port), "0.0.0.0", 1024, resolve));
await new Promise((resolve) => udp.bind(Number(port), "0.0.0.0", resolve));
process.stdout.write("ready\n");
// It ends with the test that started it.
process.stdin.on("end", () => process.exit()).resume();

/** Takes streams on a port and throws them away; says "ok" at the end of each. */
import { createServer } from "node:net";

const [port] = process.argv.slice(2);
const server = createServer({ allowHalfOpen: true }, (socket) => {
  socket.on("error", () => socket.destroy());
  socket.on("data", () => undefined);
  socket.on("end", () => socket.end("ok"));
});
server.listen(Number(port), "0.0.0.0", () => process.stdout.write("ready\n"));
// It ends with the test that started it.
process.stdin.on("end", () => process.exit()).resume();

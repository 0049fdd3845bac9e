/** Sends so many MiB to an address and port; prints how many MiB arrived in a second. */
import { connect } from "node:net";

const [address, port, count] = process.argv.slice(2);
const piece = Buffer.alloc(1024 * 1024);
const socket = connect({ host: address, port: Number(port), allowHalfOpen: true });
await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
const began = performance.now();
for (let i = 0; i < Number(count); i++) {
  if (!socket.write(piece)) await new Promise((resolve) => socket.once("drain", resolve));
}
const done = new Promise((resolve) => socket.once("data", resolve));
socket.end();
await done;
process.stdout.write(String(Number(count) / ((performance.now() - began) / 1000)));

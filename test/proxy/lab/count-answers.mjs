/**
 * Connects many times and counts who answered: prints {"a 172.16.1.1": 12, "ECONNREFUSED": 3}.
 * Arguments: tcp or udp, an address, a port, how many, and milliseconds to wait for each.
 */
import { createSocket } from "node:dgram";
import { connect } from "node:net";

const [protocol, address, port, count, waitMs] = process.argv.slice(2);
const AT_ONCE = 50;
const counts = {};

function overTcp() {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect({ host: address, port: Number(port) });
    const finish = (outcome) => {
      socket.destroy();
      resolve(outcome);
    };
    socket.setTimeout(Number(waitMs), () => finish("timeout"));
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.on("end", () => finish(text || "closed"));
    socket.on("error", (error) => finish(error.code));
  });
}

function overUdp() {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    const finish = (outcome) => {
      clearTimeout(timer);
      socket.close();
      resolve(outcome);
    };
    const timer = setTimeout(() => finish("timeout"), Number(waitMs));
    socket.on("message", (message) => finish(message.toString()));
    socket.on("error", (error) => finish(error.code));
    socket.connect(Number(port), address, () => socket.send("who?"));
  });
}

let left = Number(count);
async function work() {
  while (left-- > 0) {
    const outcome = await (protocol === "udp" ? overUdp() : overTcp());
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
}
await Promise.all(Array.from({ length: AT_ONCE }, work));
process.stdout.write(JSON.stringify(counts));

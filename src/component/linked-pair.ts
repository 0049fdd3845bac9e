/**
 * Two ends of a connection within this process. Unlike Node's own duplexPair, when one end is destroyed
 * the other learns of it, as it would of a socket.
 */
import { type Duplex, duplexPair } from "node:stream";

export function linkedPair(): [Duplex, Duplex] {
  const [a, b] = duplexPair();
  tell(a, b);
  tell(b, a);
  return [a, b];
}

/** What had been written before the end is still delivered. */
function tell(from: Duplex, to: Duplex): void {
  from.once("close", () => {
    if (!from.writableFinished) to.destroy();
  });
  // The one who destroys is told by "close"; what it was told on the way is nobody's fault.
  from.on("error", () => undefined);
}

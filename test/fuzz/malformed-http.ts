/** What is no HTTP, or hardly: bytes for a bare socket. */
import type { Dice } from "./dice.ts";
import { mutatedBytes } from "./mutation.ts";

const PODS = "/api/v1/namespaces/default/pods";
const HOST = "Host: a\r\n";

const TEXTS = [
  "\r\n\r\n",
  "GET\r\n\r\n",
  `GET ${PODS} HTTP/9.9\r\n${HOST}\r\n`,
  `GET ${PODS}\r\n\r\n`,
  `BREW ${PODS} HTTP/1.1\r\n${HOST}\r\n`,
  `GET ${PODS} HTTP/1.1\r\n\r\n`,
  `GET http://[::1/x HTTP/1.1\r\n${HOST}\r\n`,
  `GET //evil HTTP/1.1\r\n${HOST}\r\n`,
  `CONNECT a:80 HTTP/1.1\r\n${HOST}\r\n`,
  `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`,
  `POST ${PODS} HTTP/1.1\r\n${HOST}Content-Length: 999\r\n\r\n{}`,
  `POST ${PODS} HTTP/1.1\r\n${HOST}Content-Length: -1\r\n\r\n{}`,
  `POST ${PODS} HTTP/1.1\r\n${HOST}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
  `POST ${PODS} HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n`,
  `POST ${PODS} HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n`,
  `POST ${PODS} HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n5\r\n{}`,
  `POST ${PODS} HTTP/1.1\r\n${HOST}Transfer-Encoding: gzip\r\n\r\n`,
  `POST ${PODS} HTTP/1.1\r\n${HOST}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}`,
  `POST ${PODS} HTTP/1.1\r\n${HOST}Expect: odd\r\nContent-Length: 2\r\n\r\n{}`,
  `GET ${PODS} HTTP/1.1\r\n${HOST}A b: c\r\n\r\n`,
  `GET ${PODS} HTTP/1.1\r\n${HOST}A: b\u0000c\r\n\r\n`,
  `GET ${PODS} HTTP/1.1\r\n${HOST}X: ${"x".repeat(300_000)}\r\n\r\n`,
  `GET /${"x".repeat(300_000)} HTTP/1.1\r\n${HOST}\r\n`,
  `GET ${PODS} HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n`,
  `GET ${PODS}/a/exec HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
  `POST ${PODS}/a/exec HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\n\r\n\u0080\u0003`,
  `GET ${PODS} HTTP/1.1\r\n${HOST}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n\r\n`,
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u0000\u0000\u0000\u0004",
  "\u0016\u0003\u0001\u0000\u0001\u0001",
  "HTTP/1.1 200 OK\r\n\r\n",
];

export function malformedHttp(dice: Dice): Buffer {
  const text = Buffer.from(dice.pick(TEXTS), "latin1");
  return dice.oneIn(3) ? mutatedBytes(text, dice) : text;
}

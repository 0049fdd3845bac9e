/** The token of a WebSocket, which comes among its sub-protocols. */
import { once } from "node:events";
import http from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Node } from "../../../src/api/node.ts";
import { Pod } from "../../../src/api/pod.ts";
import { ask } from "../../support/api-request.ts";
import { startTestApiServer } from "../../support/api-server.ts";
import { tokensOf } from "../../support/as-user.ts";

const REVIEW = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

let server: Awaited<ReturnType<typeof startTestApiServer>>;
beforeEach(async () => {
  server = await startTestApiServer({ tokens: tokensOf([{ name: "jane" }]) });
});
afterEach(() => server.stop());

const bearer = (token: string) =>
  `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString("base64url")}`;
const whoIs = async (protocols: string, headers: Record<string, string> = {}) => {
  const offered = { upgrade: "websocket", "sec-websocket-protocol": protocols, ...headers };
  const { status, json } = await ask(server.transport, "POST", REVIEW, {}, offered);
  return status === 201 ? json.status.userInfo.username : status;
};

describe("a token among the sub-protocols of a WebSocket", () => {
  test("says who asks", async () => {
    expect(await whoIs(`${bearer("jane")}, v5.channel.k8s.io`)).toBe("jane");
    expect(await whoIs(`v5.channel.k8s.io,${bearer("jane")}`)).toBe("jane");
    expect(await whoIs(`${bearer("somebody")}, v5.channel.k8s.io`)).toBe(401);
  });

  test("is looked at in WebSockets alone, and after an Authorization header", async () => {
    const other = { upgrade: "SPDY/3.1" };
    expect(await whoIs(`${bearer("jane")}, v5.channel.k8s.io`, other)).toBe("system:apiserver");
    const header = { authorization: "Bearer jane" };
    expect(await whoIs(`${bearer("nobody")}, v5.channel.k8s.io`, header)).toBe("jane");
  });

  test("is refused alone, twice, or where it cannot be read", async () => {
    expect(await whoIs(bearer("jane"))).toBe(401);
    expect(await whoIs(`${bearer("jane")}, ${bearer("jane")}, v5.channel.k8s.io`)).toBe(401);
    for (const text of ["amFuZQ==", "a", "am*u", Buffer.from([0xff]).toString("base64url")]) {
      const wrong = `base64url.bearer.authorization.k8s.io.${text}`;
      expect(await whoIs(`${wrong}, v5.channel.k8s.io`)).toBe(401);
    }
  });

  test("is not told to the kubelet, which chooses among the others", async () => {
    const offered: (string | undefined)[] = [];
    const kubelet = http.createServer();
    kubelet.on("upgrade", ({ headers }, socket) => {
      offered.push(headers["sec-websocket-protocol"], headers.authorization);
      // However the others hang up.
      socket.on("error", () => undefined);
      socket.end(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
      );
    });
    try {
      await new Promise<void>((resolve) => kubelet.listen(0, "127.0.0.1", resolve));
      await layPod((kubelet.address() as AddressInfo).port);
      const { port } = await server.listen({ address: "127.0.0.1", port: 0 });
      const socket = connect(port, "127.0.0.1");
      socket.write(
        "GET /api/v1/namespaces/default/pods/web/exec?command=ls&stdout=1 HTTP/1.1\r\nhost: x\r\n" +
          "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n" +
          "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n" +
          `sec-websocket-protocol: ${bearer("jane")}, v5.channel.k8s.io, v4.channel.k8s.io\r\n\r\n`,
      );
      const [answer] = (await once(socket, "data")) as [Buffer];
      expect(answer.toString()).toContain("101 Switching Protocols");
      socket.destroy();
      expect(offered).toEqual(["v5.channel.k8s.io,v4.channel.k8s.io", undefined]);
    } finally {
      kubelet.close();
    }
  });

  async function layPod(kubeletPort: number): Promise<void> {
    const { client } = server;
    const node = await client.create(Node, "", { metadata: { name: "node1" }, spec: {} });
    node.status = {
      addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
      daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
    };
    await client.updateStatus(Node, node);
    await client.create(Pod, "default", {
      metadata: { name: "web" },
      spec: { nodeName: "node1", containers: [{ name: "web", image: "nginx" }] },
    });
  }
});

/** wget, curl and nc, over the simulated network. */
import { request } from "node:http";
import type { Command } from "./commands.ts";
import type { Streams } from "./control.ts";
import type { Shell } from "./shell.ts";

interface Answer {
  status: number;
  headers: string;
  body: string;
}

export const fetchCommands: Record<string, Command> = {
  async wget(args, streams, shell) {
    const url = urlIn(args);
    try {
      const { status, body } = await get(url, "Wget", shell);
      if (status >= 400) {
        streams.stderr(`wget: server returned error: HTTP/1.1 ${status}\n`);
        return 1;
      }
      if (!args.includes("--spider")) streams.stdout(body);
      return 0;
    } catch (error) {
      streams.stderr(`wget: can't connect to remote host: ${reason(error)}\n`);
      return 1;
    }
  },
  curl: (args, streams, shell) => curl(args, streams, shell),
  async nc(args, { stdout, stdin, stderr }, shell) {
    const [host = "", port = ""] = args.filter((arg) => !arg.startsWith("-"));
    try {
      const connection = await shell.surroundings.connect(host, Number(port));
      if (args.some((arg) => /^-[a-z]*z/.test(arg))) {
        connection.destroy();
        return 0;
      }
      stdin?.pipe(connection);
      for await (const chunk of connection) stdout(String(chunk));
      return 0;
    } catch (error) {
      stderr(`nc: ${host} (${host}:${port}): ${reason(error)}\n`);
      return 1;
    }
  },
};

async function curl(args: string[], { stdout, stderr }: Streams, shell: Shell): Promise<number> {
  const url = urlIn(args);
  const flags = args.filter((arg) => /^-[a-zA-Z]+$/.test(arg)).join("");
  try {
    const { status, headers, body } = await get(url, "curl/8.4.0", shell);
    if (flags.includes("f") && status >= 400) {
      stderr(`curl: (22) The requested URL returned error: ${status}\n`);
      return 22;
    }
    stdout(flags.includes("I") ? headers : (flags.includes("i") ? headers : "") + body);
    return 0;
  } catch (error) {
    const { hostname, port } = url;
    stderr(`curl: (7) Failed to connect to ${hostname} port ${port || 80}: ${reason(error)}\n`);
    return 7;
  }
}

function urlIn(args: string[]): URL {
  const values = new Set(["-O", "-o", "-T", "-m", "--max-time", "-H"]);
  const found = args.find(
    (arg, index) => !arg.startsWith("-") && !values.has(args[index - 1] ?? ""),
  );
  const text = found ?? "localhost";
  return new URL(text.includes("://") ? text : `http://${text}`);
}

async function get(url: URL, agent: string, { surroundings }: Shell): Promise<Answer> {
  const connection = await surroundings.connect(url.hostname, Number(url.port || 80));
  return new Promise((resolve, reject) => {
    const asked = request({
      path: `${url.pathname}${url.search}`,
      headers: { Host: url.host, "User-Agent": agent, Connection: "close" },
      createConnection: () => connection,
      signal: surroundings.killed,
    });
    asked.once("error", reject);
    asked.once("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("error", reject);
      response.once("end", () => {
        const { statusCode: status = 0, statusMessage, rawHeaders } = response;
        const lines = rawHeaders.flatMap((name, i) =>
          i % 2 ? [] : [`${name}: ${rawHeaders[i + 1]}`],
        );
        const headers = [`HTTP/1.1 ${status} ${statusMessage}`, ...lines, "", ""].join("\r\n");
        resolve({ status, headers, body: Buffer.concat(chunks).toString() });
      });
    });
    asked.end();
  });
}

function reason(error: unknown): string {
  const text = (error as Error).message;
  return text.includes("refused") ? "Connection refused" : text;
}

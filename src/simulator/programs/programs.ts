/** Simulated programs: small, but with the behaviour one notices from outside. */
import { sleep } from "../../component/clock.ts";
import { KILLED_EXIT_CODE, type Program, untilTerminated } from "../process.ts";

/** Holds a sandbox open and does nothing else. */
export const pause: Program = untilTerminated;

export function longRunning(name: string): Program {
  return (surroundings) => {
    surroundings.write("stdout", `${name} started on ${surroundings.hostname} (simulated)\n`);
    for (const port of surroundings.ports) {
      surroundings.listen(port, (connection) => {
        connection.on("error", () => connection.destroy());
        connection.pipe(connection);
      });
    }
    return untilTerminated(surroundings);
  };
}

/** Writes a complaint and exits with 1 after so long. */
export function crash(afterMs: number): Program {
  return async ({ write, clock, killed }) => {
    write("stderr", "fatal: something went wrong (simulated)\n");
    if (afterMs === 0) return 1;
    return sleep(clock, afterMs, killed).then(
      () => 1,
      () => KILLED_EXIT_CODE,
    );
  };
}

export function succeed(text: string): Program {
  return ({ write }) => {
    write("stdout", text);
    return Promise.resolve(0);
  };
}

/** Answers the commands a lesson needs, as RESP or in line. */
export const redis: Program = (surroundings) => {
  const { write, clock } = surroundings;
  const stamp = clock.now().toISOString().slice(0, 19).replace("T", " ");
  write("stdout", `1:M ${stamp} * Ready to accept connections tcp\n`);
  const data = new Map<string, string>();
  surroundings.listen(6379, (connection) => {
    connection.on("error", () => connection.destroy());
    connection.on("data", (chunk: Buffer) => connection.write(answer(data, wordsOf(`${chunk}`))));
  });
  return untilTerminated(surroundings);
};

function wordsOf(request: string): string[] {
  const lines = request.split("\r\n").filter((line) => line !== "");
  if (!request.startsWith("*")) return request.trim().split(/\s+/);
  return lines.filter((line) => !/^[*$]\d+$/.test(line));
}

function answer(data: Map<string, string>, [command = "", key = "", value = ""]: string[]): string {
  switch (command.toUpperCase()) {
    case "PING":
      return "+PONG\r\n";
    case "SET":
      data.set(key, value);
      return "+OK\r\n";
    case "GET": {
      const found = data.get(key);
      return found === undefined ? "$-1\r\n" : `$${Buffer.byteLength(found)}\r\n${found}\r\n`;
    }
    case "INCR": {
      const next = Number(data.get(key) ?? "0") + 1;
      data.set(key, `${next}`);
      return `:${next}\r\n`;
    }
    default:
      return `-ERR unknown command '${command}'\r\n`;
  }
}

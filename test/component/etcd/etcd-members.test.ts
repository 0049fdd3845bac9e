import { describe, expect, test } from "vitest";
import { EtcdMembers } from "../../../src/component/etcd/etcd-members.ts";

const asked: string[] = [];

/** Members by their names; those in `down` answer with an error. */
function cluster(down: string[]) {
  asked.length = 0;
  const members = new EtcdMembers(["a", "b", "c"], (endpoint) => endpoint);
  const call = async (member: string) => {
    asked.push(member);
    if (down.includes(member)) throw new Error(`${member} is down`);
    return member;
  };
  const told = (error: unknown, endpoint: string) =>
    new Error(`at ${endpoint}: ${(error as Error).message}`);
  return {
    members,
    ask: (mayRepeat: boolean) => members.ask(call, () => ({ isSilent: true, mayRepeat }), told),
  };
}

describe("the members of an etcd cluster", () => {
  test("are asked one after the other, and the first to answer is asked first from then on", async () => {
    const { members, ask } = cluster(["a", "b"]);
    expect(await ask(true)).toBe("c");
    expect(await ask(true)).toBe("c");
    expect(asked).toEqual(["a", "b", "c", "c"]);
    expect(members.endpoint).toBe("c");
  });

  test("are each asked once and the first one again before it is given up, in the words of the last", async () => {
    const { ask } = cluster(["a", "b", "c"]);
    await expect(ask(true)).rejects.toThrow("at a: a is down");
    expect(asked).toEqual(["a", "b", "c", "a"]);
  });

  test("are not asked what may not be repeated, but the next call goes elsewhere", async () => {
    const { ask } = cluster(["a"]);
    await expect(ask(false)).rejects.toThrow("at a: a is down");
    expect(await ask(false)).toBe("b");
  });

  test("are left once, however many found out at the same time", () => {
    const { members } = cluster([]);
    members.leave("a");
    members.leave("a");
    expect(members.endpoint).toBe("b");
  });
});

/** A network namespace without any links, to load rules in: the machine's own are never touched. */
import { randomBytes } from "node:crypto";
import { commandRunner, type RunCommand } from "../../src/component/command.ts";

export class TestNamespace {
  readonly run: RunCommand;
  readonly #name: string;

  private constructor(name: string) {
    this.#name = name;
    this.run = commandRunner(["nsenter", `--net=/run/netns/${name}`]);
  }

  static async create(): Promise<TestNamespace> {
    const name = `kp-${randomBytes(4).toString("hex")}`;
    await commandRunner()("ip", ["netns", "add", name]);
    return new TestNamespace(name);
  }

  async remove(): Promise<void> {
    await commandRunner()("ip", ["netns", "delete", this.#name]);
  }

  async save(table: "filter" | "nat"): Promise<string> {
    return (await this.run("iptables-save", ["-t", table])).stdout;
  }

  /** All rules of both tables, in a fixed order of chains. */
  async rules(): Promise<string[]> {
    const text = (await this.save("filter")) + (await this.save("nat"));
    const chainOf = (rule: string) => rule.split(" ")[1]!;
    const rules = text.split("\n").filter((line) => line.startsWith("-A"));
    return rules.toSorted((a, b) => chainOf(a).localeCompare(chainOf(b)));
  }
}

import { describe, expect, test } from "vitest";
import { FlagError, flag, HelpRequested, parseFlags } from "../../src/component/flags.ts";
import { flagUsages, usageOf } from "../../src/component/usage.ts";

const flags = {
  port: flag("int", 10251, "The port to serve on."),
  profiling: flag("bool", true, "Enable profiling."),
  "leader-elect": flag("bool", false, "Start a leader election client."),
  "leader-elect-lease-duration": flag("duration", 15_000, "How long a lease lasts."),
  "kube-api-qps": flag("float32", 50, "QPS to use."),
  master: flag("string", "", "The address of the `Kubernetes` API server."),
  address: flag("ip", "0.0.0.0", "The address to serve on."),
  "etcd-servers": flag("strings", [], "List of etcd servers."),
  "feature-gates": flag("mapStringString", {}, "Features."),
  "insecure-port": flag("int", 0, "Old.", { deprecated: "see --port instead" }),
  "google-json-key": flag("string", "", "A key.", { noEffect: "there is no cloud" }),
  v: flag("int", 0, "number for the log level verbosity", { shorthand: "v" }),
  debug: flag("bool", false, "d", { shorthand: "d" }),
};

const parse = (...args: string[]) => parseFlags(flags, args);
const valueFrom = (name: keyof typeof flags, ...args: string[]) => parse(...args).values[name];

describe("a flag", () => {
  test("has its default when it is not given", () => {
    const { values, given } = parse();
    expect(values.port).toBe(10251);
    expect(values.profiling).toBe(true);
    expect(given.size).toBe(0);
  });

  test.each([
    ["port", ["--port=8080"], 8080],
    ["port", ["--port", "8080"], 8080],
    ["port", ["--port=0x10"], 16],
    ["port", ["--port=010"], 8],
    ["port", ["--port=1", "--port=2"], 2],
    ["profiling", ["--profiling=false"], false],
    ["profiling", ["--profiling=F"], false],
    ["leader-elect", ["--leader-elect"], true],
    ["leader-elect", ["--leader_elect=1"], true],
    ["leader-elect-lease-duration", ["--leader-elect-lease-duration=1m0s"], 60_000],
    ["kube-api-qps", ["--kube-api-qps=0.5"], 0.5],
    ["master", ["--master=http://k8s-master:8080"], "http://k8s-master:8080"],
    ["master", ["--master="], ""],
    ["address", ["--address=127.0.0.1"], "127.0.0.1"],
    ["etcd-servers", ["--etcd-servers=a,b", "--etcd_servers", "c"], ["a", "b", "c"]],
    [
      "feature-gates",
      ["--feature-gates=A=true,B=false", "--feature-gates=C=1"],
      { A: "true", B: "false", C: "1" },
    ],
    ["v", ["-v", "4"], 4],
    ["v", ["-v=4"], 4],
    ["v", ["-v4"], 4],
    ["v", ["--v=4"], 4],
    ["v", ["-dv2"], 2],
  ] as const)("--%s from %j", (name, args, expected) => {
    expect(valueFrom(name, ...args)).toEqual(expected);
  });

  test("of boolean type never takes the next argument", () => {
    expect(parse("--leader-elect", "false").positional).toEqual(["false"]);
  });

  test("after -- is an argument", () => {
    expect(parse("--port=1", "--", "--port=2")).toMatchObject({ positional: ["--port=2"] });
  });

  test.each([
    [["--foo"], "unknown flag: --foo"],
    [["--foo_bar=1"], "unknown flag: --foo-bar"],
    [["-x"], "unknown shorthand flag: 'x' in -x"],
    [["--port"], "flag needs an argument: --port"],
    [["-v"], "flag needs an argument: 'v' in -v"],
    [["---port"], "bad flag syntax: ---port"],
    [
      ["--port=x"],
      'invalid argument "x" for "--port" flag: strconv.ParseInt: parsing "x": invalid syntax',
    ],
    [
      ["--port=08"],
      'invalid argument "08" for "--port" flag: strconv.ParseInt: parsing "08": invalid syntax',
    ],
    [
      ["--v=x"],
      'invalid argument "x" for "-v, --v" flag: strconv.ParseInt: parsing "x": invalid syntax',
    ],
    [
      ["--profiling="],
      'invalid argument "" for "--profiling" flag: strconv.ParseBool: parsing "": invalid syntax',
    ],
    [
      ["--leader-elect-lease-duration=5"],
      'invalid argument "5" for "--leader-elect-lease-duration" flag: ' +
        'time: missing unit in duration "5"',
    ],
    [
      ["--address=010.0.0.1"],
      'invalid argument "010.0.0.1" for "--address" flag: failed to parse IP: "010.0.0.1"',
    ],
  ])("%j is refused in pflag's words", (args, message) => {
    expect(() => parse(...args)).toThrow(new FlagError(message));
  });

  test("that is deprecated works and says so", () => {
    const { values, notices } = parse("--insecure-port=8");
    expect(values["insecure-port"]).toBe(8);
    expect(notices).toEqual(["Flag --insecure-port has been deprecated, see --port instead"]);
  });

  test("that does nothing here says why", () => {
    expect(parse("--google-json-key=x").warnings).toEqual([
      "--google-json-key has no effect here: there is no cloud",
    ]);
  });

  test.each(["--help", "-h"])("%s asks for help", (arg) => {
    expect(() => parse(arg)).toThrow(HelpRequested);
  });
});

describe("the usage text", () => {
  test("is laid out as pflag does", () => {
    const { port, profiling, master, v } = flags;
    expect(flagUsages({ port, profiling, master, v })).toBe(
      [
        "      --master Kubernetes   The address of the Kubernetes API server.",
        "      --port int            The port to serve on. (default 10251)",
        "      --profiling           Enable profiling. (default true)",
        "  -v, --v int               number for the log level verbosity",
        "",
      ].join("\n"),
    );
  });

  test("does not show what is deprecated", () => {
    expect(usageOf("kube-scheduler", "Schedules.", flags)).not.toContain("--insecure-port");
  });
});

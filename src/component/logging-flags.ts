/**
 * The flags about the log that every daemon has.
 *
 * In Kubernetes: k8s.io/klog/v2
 */
import { type FlagSet, flag } from "./flags.ts";

const STDERR_ONLY = "the log always goes to standard error, for the journal to keep";

export const loggingFlags = {
  v: flag("int", 0, "number for the log level verbosity", { shorthand: "v" }),
  logtostderr: flag("bool", true, "log to standard error instead of files", {
    noEffect: STDERR_ONLY,
    alreadySo: true,
  }),
  alsologtostderr: flag("bool", false, "log to standard error as well as files", {
    noEffect: STDERR_ONLY,
  }),
  stderrthreshold: flag("string", "2", "logs at or above this threshold go to stderr", {
    noEffect: STDERR_ONLY,
  }),
  "log-dir": flag("string", "", "If non-empty, write log files in this directory", {
    noEffect: STDERR_ONLY,
  }),
  "log-flush-frequency": flag("duration", 5_000, "Maximum number of seconds between log flushes", {
    noEffect: "every line is written at once",
  }),
  "log-backtrace-at": flag("string", ":0", "when logging hits line file:N, emit a stack trace", {
    noEffect: "what is a bug is always logged with its stack",
  }),
  vmodule: flag(
    "string",
    "",
    "comma-separated list of pattern=N settings for file-filtered logging",
    {
      noEffect: "--v holds for all files",
    },
  ),
} satisfies FlagSet;

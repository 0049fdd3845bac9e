/**
 * The flags of `kubeling rolling-update`, with the names and defaults kubectl had, and what is wrong with a
 * combination of them.
 *
 * In Kubernetes: validateArguments in pkg/kubectl/cmd/rollingupdate.go (up to 1.17)
 */
import { type Flags, flag } from "../../component/flags.ts";
import { accessFlags } from "../cluster-access.ts";

export const rollingUpdateFlags = {
  "update-period": flag("duration", 60_000, "Time to wait between updating pods."),
  "poll-interval": flag(
    "duration",
    3_000,
    "Time delay between polling for replication controller status after the update.",
  ),
  timeout: flag(
    "duration",
    300_000,
    "Max time to wait for a replication controller to update before giving up.",
  ),
  filename: flag(
    "strings",
    [],
    "The `file` to use to create the new replication controller; - for standard input.",
    { shorthand: "f" },
  ),
  image: flag(
    "string",
    "",
    "Image to use for upgrading the replication controller. Must be distinct from the existing image (either new image or new image tag). Can not be used with --filename/-f",
  ),
  "deployment-label-key": flag(
    "string",
    "deployment",
    "The key to use to differentiate between two different controllers. Only relevant when --image is specified, ignored otherwise",
  ),
  container: flag(
    "string",
    "",
    "Container name which will have its image upgraded. Only relevant when --image is specified, ignored otherwise. Required when using --image on a multi-container pod",
  ),
  "image-pull-policy": flag(
    "string",
    "",
    "Explicit policy for when to pull container images. Required when --image is same as existing image, ignored otherwise.",
  ),
  rollback: flag(
    "bool",
    false,
    "If true, this is a request to abort an existing rollout that is partially rolled out. It effectively reverses current and next and runs a rollout",
  ),
  "dry-run": flag("bool", false, "If true, only print what would be updated, without doing it."),
  ...accessFlags,
};

export type RollingUpdateFlags = Flags<typeof rollingUpdateFlags>;

export function argumentErrors(flags: RollingUpdateFlags, [oldName]: readonly string[]): string[] {
  const { filename, image, rollback } = flags;
  const errors: string[] = [];
  if (flags["deployment-label-key"] === "") {
    errors.push("--deployment-label-key can not be empty");
  }
  if (filename.length > 1) errors.push("May only specify a single filename for new controller");
  const hasFile = filename.length > 0;
  const hasImage = image !== "";
  if (rollback) {
    if (hasFile || hasImage) errors.push("Don't specify --filename or --image on rollback");
  } else if (!hasFile && !hasImage) {
    errors.push("Must specify --filename or --image for new controller");
  } else if (hasFile && hasImage) {
    errors.push("--filename and --image can not both be specified");
  }
  if (oldName === undefined) errors.push("Must specify the controller to update");
  return errors;
}

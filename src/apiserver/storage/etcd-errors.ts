/**
 * What etcd answers when it refuses, as the errors of the Store contract.
 *
 * The client keeps only the text of an error, so the text is what is looked at; etcd's are constants.
 *
 * In Kubernetes: go.etcd.io/etcd/api/v3/v3rpc/rpctypes/error.go.
 */
import { reasonIn } from "../../component/etcd/etcd-reason.ts";
import { CompactedError, FutureRevisionError, TooLargeError, UnavailableError } from "./store.ts";

/** A refused read does not say what the revisions are; a cancelled watch does. */
const UNKNOWN_REVISION = 0;

const TOO_LARGE = ["etcdserver: request is too large", "message larger than max"];

export function storeErrorOf(error: unknown, endpoint: string): Error {
  const message = (error as Error).message;
  if (message.includes("required revision has been compacted")) {
    return new CompactedError(UNKNOWN_REVISION);
  }
  if (message.includes("required revision is a future revision")) {
    return new FutureRevisionError(UNKNOWN_REVISION);
  }
  if (TOO_LARGE.some((words) => message.includes(words))) {
    return new TooLargeError("etcdserver: request is too large", { cause: error });
  }
  return new UnavailableError(`etcd at ${endpoint}: ${reasonIn(message)}`, { cause: error });
}

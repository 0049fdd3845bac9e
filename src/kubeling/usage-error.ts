/**
 * Something the user can mend: a port in use, a directory that cannot be written, an etcd that
 * does not answer. Told in one sentence, without a stack, with exit code 1.
 */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

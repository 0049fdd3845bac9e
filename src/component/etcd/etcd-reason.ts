/**
 * Why etcd did not do as asked, in the words of etcd or of the network: "etcdserver: no leader",
 * "connect ECONNREFUSED 10.0.0.1:2379". grpc-js wraps these in a sentence of its own.
 */
export function reasonIn(message: string): string {
  const refused = /Last error: Error: (.*?)\. Resolution note:/.exec(message);
  return refused?.[1] ?? message.replace(/^\d+ [A-Z_]+: /, "");
}

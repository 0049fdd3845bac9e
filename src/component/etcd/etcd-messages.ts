/**
 * The messages of etcd's KV service, as far as they are used here: field names and numbers of the package
 * etcdserverpb.
 *
 * In Kubernetes: go.etcd.io/etcd/api/v3 (etcdserverpb/rpc.proto, mvccpb/kv.proto)
 */
import protobuf from "protobufjs/light.js";

/** A number of 64 bits, as protobufjs reads one: what it becomes depends on what else is installed. */
type Int64 = number | { toString(): string };

export interface RangeRequest {
  key: Uint8Array;
  range_end?: Uint8Array;
  limit?: number;
  revision?: number;
}

export interface RequestOp {
  request_range?: RangeRequest;
  request_put?: { key: Uint8Array; value: Uint8Array };
  request_delete_range?: { key: Uint8Array };
}

export interface TxnRequest {
  compare: { result: number; target: number; key: Uint8Array; mod_revision: number }[];
  success: RequestOp[];
  failure: RequestOp[];
}

export interface EtcdKeyValue {
  key: Uint8Array;
  create_revision: Int64;
  mod_revision: Int64;
  value: Uint8Array;
}

interface ResponseHeader {
  revision: Int64;
}

export interface RangeResponse {
  header: ResponseHeader;
  kvs: EtcdKeyValue[];
  count: Int64;
}

export interface TxnResponse {
  header: ResponseHeader;
  succeeded: boolean;
  responses: { response_range?: RangeResponse }[];
}

/** CompareResult and CompareTarget */
export const EQUAL = 0;
export const MOD = 2;

/** `name: "number type"`, with `[]` before the type of a repeated field. */
const MESSAGES: Record<string, Record<string, string>> = {
  CompactionRequest: { revision: "1 int64" },
  CompactionResponse: { header: "1 ResponseHeader" },
  Compare: { result: "1 int32", target: "2 int32", key: "3 bytes", mod_revision: "6 int64" },
  DeleteRangeRequest: { key: "1 bytes" },
  KeyValue: {
    key: "1 bytes",
    create_revision: "2 int64",
    mod_revision: "3 int64",
    value: "5 bytes",
  },
  PutRequest: { key: "1 bytes", value: "2 bytes" },
  RangeRequest: { key: "1 bytes", range_end: "2 bytes", limit: "3 int64", revision: "4 int64" },
  RangeResponse: { header: "1 ResponseHeader", kvs: "2 []KeyValue", count: "4 int64" },
  RequestOp: {
    request_range: "1 RangeRequest",
    request_put: "2 PutRequest",
    request_delete_range: "3 DeleteRangeRequest",
  },
  ResponseHeader: { revision: "3 int64" },
  ResponseOp: { response_range: "1 RangeResponse" },
  TxnRequest: { compare: "1 []Compare", success: "2 []RequestOp", failure: "3 []RequestOp" },
  TxnResponse: { header: "1 ResponseHeader", succeeded: "2 bool", responses: "3 []ResponseOp" },
};

const root = protobuf.Root.fromJSON({
  nested: Object.fromEntries(
    Object.entries(MESSAGES).map(([name, fields]) => [name, { fields: fieldsOf(fields) }]),
  ),
});

function fieldsOf(fields: Record<string, string>) {
  return Object.fromEntries(
    Object.entries(fields).map(([field, spelled]) => {
      const [id, type] = spelled.split(" ") as [string, string];
      const plain = { id: Number(id), type: type.replace("[]", "") };
      return [field, type.startsWith("[]") ? { ...plain, rule: "repeated" } : plain];
    }),
  );
}

/** A method of the service: where it is called, and how question and answer are written. */
export interface Method<Question extends object, Answer> {
  path: string;
  write(question: Question): Uint8Array;
  read(bytes: Uint8Array): Answer;
}

function method<Question extends object, Answer>(
  name: string,
  [asks, answers]: [string, string],
): Method<Question, Answer> {
  const question = root.lookupType(asks);
  const answer = root.lookupType(answers);
  return {
    path: `/etcdserverpb.KV/${name}`,
    write: (message) => question.encode(message).finish(),
    read: (bytes) => answer.decode(bytes) as unknown as Answer,
  };
}

export const RANGE = method<RangeRequest, RangeResponse>("Range", [
  "RangeRequest",
  "RangeResponse",
]);
export const TXN = method<TxnRequest, TxnResponse>("Txn", ["TxnRequest", "TxnResponse"]);
export const COMPACT = method<{ revision: number }, object>("Compact", [
  "CompactionRequest",
  "CompactionResponse",
]);

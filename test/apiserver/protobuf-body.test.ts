import protobuf from "protobufjs/minimal.js";
import { describe, expect, test } from "vitest";
import { withJsonBody } from "../../src/apiserver/protobuf-body.ts";

const DELIMITED = 2;

/** The envelope around a message, as client-go makes it. */
function body(apiVersion: string, kind: string, raw: Uint8Array): Buffer {
  const typeMeta = protobuf.Writer.create();
  typeMeta.uint32(field(1)).string(apiVersion).uint32(field(2)).string(kind);
  const unknown = protobuf.Writer.create();
  unknown.uint32(field(1)).bytes(typeMeta.finish()).uint32(field(2)).bytes(raw);
  return Buffer.concat([Buffer.from("k8s\0"), unknown.finish()]);
}

function field(number: number, wireType = DELIMITED): number {
  return (number << 3) | wireType;
}

const read = (bytes: Buffer) => {
  const headers = { "content-type": "application/vnd.kubernetes.protobuf" };
  const request = withJsonBody({ method: "POST", path: "/", headers, body: bytes });
  return JSON.parse(Buffer.from(request.body!).toString());
};

describe("a body in protobuf", () => {
  test("is read field by field, unknown ones passed over", () => {
    const metadata = protobuf.Writer.create();
    metadata.uint32(field(1)).string("a").uint32(field(2)).string("");
    metadata.uint32(field(8)).bytes(Buffer.alloc(0)).uint32(field(99, 0)).uint32(7);
    const entry = protobuf.Writer.create()
      .uint32(field(1))
      .string("k")
      .uint32(field(2))
      .string("v");
    const map = protobuf.Writer.create();
    map.uint32(field(1)).bytes(metadata.finish()).uint32(field(2)).bytes(entry.finish());
    map.uint32(field(4, 0)).bool(false);

    expect(read(body("v1", "ConfigMap", map.finish()))).toEqual({
      kind: "ConfigMap",
      apiVersion: "v1",
      metadata: { name: "a" },
      data: { k: "v" },
      immutable: false,
    });
  });

  test("without its beginning is refused", () => {
    expect(() => read(Buffer.from("{}"))).toThrow(
      "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]",
    );
  });

  test("of a kind that is not in the table is refused as a form not known", () => {
    expect(() => read(body("example.com/v1", "Gadget", Buffer.alloc(0)))).toThrow(
      "the body of the request was in an unknown format",
    );
  });

  test("that is cut off is never taken for whole", () => {
    const whole = body("v1", "Namespace", Buffer.from([field(1), 3, field(1), 1, 0x61]));
    expect(read(whole).metadata).toEqual({ name: "a" });
    for (let length = 5; length < whole.length; length++) {
      const cut = whole.subarray(0, length);
      const outcome = attempt(() => read(cut));
      // After the name of the kind an envelope may end: it is that of an empty object.
      if (typeof outcome === "string") expect(outcome).toMatch(/protobuf|unknown format/);
      else expect(outcome.metadata).toBeUndefined();
    }
  });
});

function attempt<T>(what: () => T): T | string {
  try {
    return what();
  } catch (error) {
    return (error as Error).message;
  }
}

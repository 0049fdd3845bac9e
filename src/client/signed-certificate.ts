/**
 * Asks the cluster for a certificate, by a CertificateSigningRequest, and waits until somebody has approved and
 * signed it. A request of the name that is there already is waited for, if it is about the same key.
 *
 * In Kubernetes: staging/src/k8s.io/client-go/util/certificate/csr/csr.go
 */
import {
  CertificateSigningRequest,
  type CertificateSigningRequest as Request,
} from "../api/certificates/certificate-signing-request.ts";
import { decisionsOn } from "../api/certificates/decisions.ts";
import { loadRequestReader, readPemRequest } from "../api/certificates/pem-request.ts";
import { isAlreadyExists } from "../api/errors.ts";
import { createInformers } from "./informer.ts";
import type { ReflectorContext } from "./reflector.ts";

export interface CertificateWish {
  /** The name of the request, or, ending in "-", how it begins. */
  name: string;
  /** PKCS #10, as PEM. */
  request: string;
  signerName: string;
  usages: string[];
}

/** Resolves to the certificate, as PEM; rejects when it is denied, when it fails, or with the signal. */
export async function signedCertificate(
  wish: CertificateWish,
  context: ReflectorContext,
): Promise<string> {
  const request = await create(wish, context);
  return certificateOf(request, context);
}

async function create(wish: CertificateWish, { client }: ReflectorContext): Promise<Request> {
  const { name, request: pem, signerName, usages } = wish;
  const metadata = name.endsWith("-") ? { generateName: name } : { name };
  const spec = { request: Buffer.from(pem).toString("base64"), signerName, usages };
  try {
    return await client.create(CertificateSigningRequest, "", { metadata, spec });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const there = await client.get(CertificateSigningRequest, "", name);
    await loadRequestReader();
    const [old, own] = [there.spec.request, spec.request].map((one) => readPemRequest(one));
    if (there.spec.signerName === signerName && old!.publicKey.equals(own!.publicKey)) return there;
    throw new Error(
      "retrieved csr is not compatible: csr does not match the key or the signer asked for",
    );
  }
}

/** Told of changes, not asking for them. */
async function certificateOf(
  { metadata: { name, uid } }: Request,
  context: ReflectorContext,
): Promise<string> {
  const over = new AbortController();
  const signal = AbortSignal.any([context.signal, over.signal]);
  const informers = createInformers({ ...context, signal });
  const fieldSelector = `metadata.name=${name}`;
  try {
    return await new Promise((resolve, reject) => {
      context.signal.addEventListener("abort", () => reject(context.signal.reason), { once: true });
      informers.of(CertificateSigningRequest, { fieldSelector }).onChange((request) => {
        const outcome = outcomeOf(request, name, uid);
        if (outcome instanceof Error) reject(outcome);
        else if (outcome !== undefined) resolve(outcome);
      });
    });
  } finally {
    over.abort();
  }
}

/** Undefined while nobody has decided. */
function outcomeOf(request: Request | undefined, name: string, uid: string | undefined) {
  if (request === undefined) return new Error(`certificate signing request ${name} was deleted`);
  if (request.metadata.uid !== uid) return new Error(`csr ${JSON.stringify(name)} changed UIDs`);
  const { isDenied, hasFailed } = decisionsOn(request);
  const { conditions = [], certificate } = request.status ?? {};
  if (isDenied || hasFailed) {
    const how = isDenied ? "is denied" : "failed";
    const decision = conditions.find(({ type }) => type === (isDenied ? "Denied" : "Failed"));
    const { reason = "", message = "" } = decision ?? {};
    return new Error(`certificate signing request ${how}, reason: ${reason}, message: ${message}`);
  }
  return certificate ? Buffer.from(certificate, "base64").toString() : undefined;
}

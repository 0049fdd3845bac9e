/**
 * --rotate-certificates: when between 70 and 90 % of its certificate's life are over, the kubelet asks for
 * another, with a new key, and from then on speaks with that one.
 *
 * In Kubernetes: staging/src/k8s.io/client-go/util/certificate/certificate_manager.go, pkg/kubelet/certificate/transport.go
 */
import { KUBELET_CLIENT } from "../../api/certificates/signers.ts";
import type { Connection } from "../../client/kubeconfig.ts";
import type { ReflectorContext } from "../../client/reflector.ts";
import { signedCertificate } from "../../client/signed-certificate.ts";
import { pause } from "../../component/clock.ts";
import { keyRequest, newPrivateKey } from "../../component/key-request.ts";
import { CLIENT_USAGES, subjectOf } from "./bootstrap.ts";
import { currentLife, keepCertificate } from "./certificate-store.ts";

export interface RenewalOptions {
  /** --cert-dir */
  directory: string;
  nodeName: string;
  /** Called when there is a new one. */
  onRenewed(): void;
}

export interface RenewableConnection extends Connection {
  /** Connects anew; whatever is under way on the old connections breaks. */
  renew(): void;
}

const LEAST_PART = 0.7;
const SPREAD = 0.2;
const RETRY_MS = 30_000;

export function renewable(connect: () => Connection): RenewableConnection {
  let current = connect();
  return {
    ...current,
    transport: (request) => current.transport(request),
    close: () => current.close(),
    renew() {
      const old = current;
      current = connect();
      old.close();
    },
  };
}

/** Goes on until the signal aborts. */
export function renewCertificate(options: RenewalOptions, context: ReflectorContext): void {
  void keepRenewing(options, context);
}

async function keepRenewing(options: RenewalOptions, context: ReflectorContext): Promise<void> {
  const { clock, random, log, signal } = context;
  while (!signal.aborted) {
    try {
      const { fromMs, toMs } = currentLife(options.directory);
      const dueMs = fromMs + (toMs - fromMs) * (LEAST_PART + SPREAD * random.next());
      log.info("Certificate rotation deadline", { deadline: new Date(dueMs).toISOString() }, 2);
      await pause(clock, Math.max(dueMs - clock.now().getTime(), 0), signal);
      if (!signal.aborted) await renew(options, context);
    } catch (error) {
      if (signal.aborted) return;
      log.error("Failed while requesting a signed certificate from the control plane", error);
      await pause(clock, RETRY_MS, signal);
    }
  }
}

async function renew(options: RenewalOptions, context: ReflectorContext): Promise<void> {
  const { directory, nodeName, onRenewed } = options;
  const key = newPrivateKey();
  const request = await keyRequest(key, subjectOf(nodeName));
  const wish = { name: "csr-", request, signerName: KUBELET_CLIENT, usages: CLIENT_USAGES };
  const certificate = await signedCertificate(wish, context);
  keepCertificate(directory, { certificate, key }, context.clock);
  context.log.info("Certificate rotated");
  onRenewed();
}

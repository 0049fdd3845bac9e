/**
 * The flags by which each of Kubernetes' own signers may have an authority of its own.
 *
 * In Kubernetes: cmd/kube-controller-manager/app/options/csrsigningcontroller.go
 */
import { type FlagSet, flag } from "../component/flags.ts";

const certificate = (signer: string) =>
  flag(
    "string",
    "",
    `Filename containing a PEM-encoded X509 CA certificate used to issue certificates for the kubernetes.io/${signer} signer.`,
  );
const key = (signer: string) =>
  flag(
    "string",
    "",
    `Filename containing a PEM-encoded RSA or ECDSA private key used to sign certificates for the kubernetes.io/${signer} signer.`,
  );

export const signerFlags = {
  "cluster-signing-kubelet-serving-cert-file": certificate("kubelet-serving"),
  "cluster-signing-kubelet-serving-key-file": key("kubelet-serving"),
  "cluster-signing-kubelet-client-cert-file": certificate("kube-apiserver-client-kubelet"),
  "cluster-signing-kubelet-client-key-file": key("kube-apiserver-client-kubelet"),
  "cluster-signing-kube-apiserver-client-cert-file": certificate("kube-apiserver-client"),
  "cluster-signing-kube-apiserver-client-key-file": key("kube-apiserver-client"),
  "cluster-signing-legacy-unknown-cert-file": certificate("legacy-unknown"),
  "cluster-signing-legacy-unknown-key-file": key("legacy-unknown"),
} satisfies FlagSet;

/** The same objects again, changed: apply in both ways, diff, edit, patch, replace, kustomize. */
import type { Chapter } from "../row.ts";

const web = (replicas: number, image: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: nginx, image: "${image}", ports: [{containerPort: 80}]}]}
`;

export const declare: Chapter = {
  name: "changing",
  title: {
    en: "apply, diff, edit, patch, replace and kustomize",
    zh: "修改（apply、diff、edit、patch、replace、kustomize）",
  },
  files: {
    "web.yaml": web(1, "nginx:1.24"),
    "newer.yaml": web(2, "nginx:1.25"),
    "settings.yaml":
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {color: red, size: '1'}\n",
    "blue.yaml":
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {color: blue}\n",
    "wrong.yaml":
      "apiVersion: v1\nkind: Service\nmetadata: {name: Web_1}\nspec: {ports: [{port: 0}]}\n",
    "base/kustomization.yaml": `
resources: [settings.yaml]
namePrefix: my-
configMapGenerator: [{name: made, literals: [a=b]}]
generatorOptions: {disableNameSuffixHash: true}
`,
    "base/settings.yaml":
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {color: red}\n",
  },
  transcript: String.raw`
$ kubectl diff -f web.yaml >/dev/null # fails
$ kubectl apply -f web.yaml
deployment.apps/web created
$ kubectl diff -f web.yaml
$ kubectl apply -f web.yaml
deployment.apps/web unchanged
$ kubectl diff -f newer.yaml | grep '^[-+] .*\(replicas\|image\):' # since 1.27
-  replicas: 1
+  replicas: 2
-      - image: nginx:1.24
+      - image: nginx:1.25
$ kubectl apply -f newer.yaml --dry-run=server
deployment.apps/web configured (server dry run)
$ kubectl apply -f newer.yaml
deployment.apps/web configured
$ kubectl get deployment web -o jsonpath='{.spec.replicas} {.spec.template.spec.containers[*].image}{"\n"}'
2 nginx:1.25
$ kubectl apply view-last-applied deployment/web | head -6
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations: {}
  labels:
    app: web
$ kubectl create configmap plain
configmap/plain created
$ kubectl get configmap plain -o yaml | kubectl apply -f - 2>&1 | head -1
Warning: resource configmaps/plain is missing the kubectl.kubernetes.io/last-applied-configuration annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.
$ kubectl apply set-last-applied -f settings.yaml # fails
Error from server (NotFound): configmaps "settings" not found
$ kubectl apply -f settings.yaml
configmap/settings created
$ kubectl apply -f blue.yaml && kubectl get configmap settings -o jsonpath='{.data}{"\n"}'
configmap/settings configured
{"color":"blue"}
$ kubectl apply -f web.yaml --prune -l app=web --prune-whitelist=apps/v1/Deployment # until 1.25
deployment.apps/web configured
$ kubectl apply -f web.yaml --prune -l app=web --prune-allowlist=apps/v1/Deployment # since 1.26
deployment.apps/web configured
$ kubectl apply -f wrong.yaml # fails
The Service "Web_1" is invalid:
* metadata.name: Invalid value: "Web_1": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')
* spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive
* spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive
$ kubectl apply --server-side -f settings.yaml --field-manager=me # fails, until 1.24
error: Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .data.color
Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the {tick}--force-conflicts{tick} flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See http://k8s.io/docs/reference/using-api/api-concepts/#conflicts
$ kubectl apply --server-side -f settings.yaml --field-manager=me # fails, since 1.25
error: Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .data.color
Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the {tick}--force-conflicts{tick} flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts
$ kubectl apply --server-side --force-conflicts -f settings.yaml --field-manager=me
configmap/settings serverside-applied
$ kubectl get configmap settings -o jsonpath='{.data}{"\n"}'
{"color":"red","size":"1"}
$ kubectl apply --server-side -f blue.yaml --field-manager=you # fails, until 1.20
error: Apply failed with 1 conflict: conflict with "me": .data.color
...
$ kubectl apply --server-side -f blue.yaml --field-manager=you # fails, since 1.33
error: Apply failed with 1 conflict: conflict with "me": .data.color
Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the {tick}--force-conflicts{tick} flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts
$ kubectl apply --server-side -f base/settings.yaml --field-manager=you --dry-run=server
configmap/settings serverside-applied (server dry run)
$ KUBE_EDITOR='sed -i s/red/green/' kubectl edit configmap settings
configmap/settings edited
$ kubectl get configmap settings -o jsonpath='{.data.color}{"\n"}'
green
$ KUBE_EDITOR='sed -i s/replicas:.*/replicas:\ -1/' kubectl edit deployment web # fails
error: deployments.apps "web" is invalid
A copy of your changes has been stored to "{any}"
error: Edit cancelled, no valid changes were saved.
$ kubectl edit deployment nonesuch # fails
Error from server (NotFound): deployments.apps "nonesuch" not found
$ EDITOR=true kubectl edit configmap settings
Edit cancelled, no changes made.
$ kubectl patch deployment web -p '{"spec":{"replicas":3}}'
deployment.apps/web patched
$ kubectl patch deployment web -p '{"spec":{"replicas":3}}' # soon
deployment.apps/web patched (no change)
$ kubectl patch deployment web -p '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"redis"}]}}}}'
deployment.apps/web patched
$ kubectl get deployment web -o jsonpath='{.spec.template.spec.containers[*].name}{"\n"}'
side nginx
$ kubectl patch deployment web --type=merge -p '{"metadata":{"labels":{"app":null,"new":"yes"}}}'
deployment.apps/web patched
$ kubectl patch deployment web --type=json -p '[{"op":"remove","path":"/spec/template/spec/containers/0"}]'
deployment.apps/web patched
$ kubectl patch deployment web --type=json -p '[{"op":"test","path":"/spec/replicas","value":7}]' # fails, until 1.20
The request is invalid
$ kubectl patch deployment web --type=json -p '[{"op":"test","path":"/spec/replicas","value":7}]' # fails, since 1.33
The request is invalid: the server rejected our request due to an error in our request
$ kubectl patch deployment web --type=merge -p '{"spec":{"replicas":-1}}' # fails
The Deployment "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0
$ kubectl patch configmap settings -p '{"data":{"size":"9"}}' --dry-run=server -o jsonpath='{.data.size}{"\n"}'
9
$ kubectl get deployment web -o jsonpath='{.spec.template.spec.containers[*].name}{" "}{.metadata.labels}{"\n"}'
nginx {"new":"yes"}
$ kubectl patch deployment web --subresource=scale --type=merge -p '{"spec":{"replicas":1}}' # since 1.24
scale.autoscaling/web patched
$ kubectl replace -f settings.yaml
configmap/settings replaced
$ kubectl replace -f base/settings.yaml --dry-run=server
configmap/settings replaced (server dry run)
$ kubectl get configmap settings -o json | sed 's/"resourceVersion": "[0-9]*"/"resourceVersion": "1"/' | kubectl replace -f - # fails
Error from server (Conflict): error when replacing "STDIN": Operation cannot be fulfilled on configmaps "settings": the object has been modified; please apply your changes to the latest version and try again
$ kubectl replace --force -f settings.yaml
configmap "settings" deleted
configmap/settings replaced
$ kubectl kustomize base
apiVersion: v1
data:
  a: b
kind: ConfigMap
metadata:
  name: my-made
---
apiVersion: v1
data:
  color: red
kind: ConfigMap
metadata:
  name: my-settings
$ kubectl diff -k base >/dev/null # fails
$ kubectl apply -k base
configmap/my-made created
configmap/my-settings created
$ kubectl get -k base
NAME          DATA   AGE
my-made       1      {age}
my-settings   1      {age}
$ kubectl delete -k base
configmap "my-made" deleted
configmap "my-settings" deleted
`,
};

/** Into a container and out of it: run, exec, attach, logs, cp, port-forward, proxy, debug. */
import type { Chapter } from "../row.ts";

export const streams: Chapter = {
  name: "inside",
  title: {
    en: "run, exec, attach, logs, cp, port-forward, proxy and debug",
    zh: "进入容器（run、exec、attach、logs、cp、port-forward、proxy、debug）",
  },
  files: {
    "page.html": "<h1>hello</h1>\n",
    "many/a.txt": "a\n",
    "many/deep/b.txt": "b\n",
    "talk.yaml": `
apiVersion: v1
kind: Pod
metadata: {name: talk, labels: {app: talk}}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - {name: main, image: busybox, command: [sh, -c, "for i in 1 2 3 4 5; do echo line $i; done; sleep 3600"]}
  - {name: side, image: busybox, command: [sh, -c, "echo beside; sleep 3600"]}
`,
    "echo.yaml": `
apiVersion: v1
kind: Pod
metadata: {name: echo}
spec:
  restartPolicy: Never
  containers: [{name: main, image: busybox, stdin: true, command: [sh, -c, "while read line; do echo got $line; [ $line = bye ] && exit; done"]}]
`,
    "falls.yaml": `
apiVersion: v1
kind: Pod
metadata: {name: falls}
spec:
  terminationGracePeriodSeconds: 0
  containers: [{name: main, image: busybox, command: [sh, -c, "echo fell; exit 3"]}]
`,
  },
  transcript: String.raw`
$ kubectl apply -f talk.yaml -f echo.yaml -f falls.yaml
pod/talk created
pod/echo created
pod/falls created
$ kubectl run web --image=nginx --port=80 --labels=app=web
pod/web created
$ kubectl run web --image=nginx # fails
Error from server (AlreadyExists): pods "web" already exists
$ kubectl run drawn --image=busybox --restart=Never --env=A=b --dry-run=client -o jsonpath='{.spec.containers[0].env}{"\n"}' -- sleep 1
[{"name":"A","value":"b"}]
$ kubectl wait --for=condition=Ready pod/talk pod/echo pod/web --timeout=180s
pod/talk condition met
pod/echo condition met
pod/web condition met
$ echo hello | kubectl run once -i --rm --restart=Never --image=busybox --quiet -- sh -c 'read line; echo got $line'
got hello
$ echo hello | script -qec 'kubectl run term -it --rm --restart=Never --image=busybox --quiet -- sh -c "read line; echo got \$line"' /dev/null
hello
hello
got hello
$ kubectl exec web -- hostname
web
$ kubectl exec talk -c side -- echo beside
beside
$ kubectl exec talk -c nonesuch -- echo # fails
Error from server (BadRequest): container nonesuch is not valid for pod talk
$ kubectl exec nonesuch -- echo # fails
Error from server (NotFound): pods "nonesuch" not found
$ kubectl exec web -- sh -c 'exit 7' # fails
command terminated with exit code 7
$ kubectl exec web -- nonesuch # fails
error: Internal error occurred: error executing command in container: OCI runtime exec failed: exec failed: unable to start container process: exec: "nonesuch": executable file not found in $PATH: unknown
$ echo 'from outside' | kubectl exec -i web -- cat
from outside
$ kubectl exec web -- sh -c 'echo out; echo err >&2' 2>/dev/null
out
$ echo hello | script -qec 'kubectl exec -it web -- sh -c "read line; echo got \$line; exit 3"' /dev/null # fails
hello
hello
got hello
command terminated with exit code 3
$ kubectl exec talk -- hostname # until 1.20
Defaulting container name to main.
Use 'kubectl describe pod/talk -n inside' to see all of the containers in this pod.
talk
$ kubectl exec talk -- hostname # since 1.33
Defaulted container "main" out of: main, side
talk
$ kubectl exec deployment/nonesuch -- hostname # fails
Error from server (NotFound): deployments.apps "nonesuch" not found
$ printf 'hi\nbye\n' | kubectl attach -i echo -c main 2>/dev/null
got hi
got bye
$ kubectl attach web -c nonesuch # fails, until 1.20
error: cannot attach to the container: container not found (nonesuch)
$ kubectl attach web -c nonesuch # fails, since 1.33
error: cannot attach to the container: container nonesuch not found in pod web
$ kubectl logs echo --follow
got hi
got bye
$ kubectl run slow --image=busybox --restart=Never -- sh -c 'for i in 1 2 3; do echo $i; sleep 1; done'
pod/slow created
$ kubectl logs slow --follow # soon
1
2
3
$ kubectl logs web | head -1
/docker-entrypoint.sh: Configuration complete; ready for start up
$ kubectl logs talk -c main
line 1
line 2
line 3
line 4
line 5
$ kubectl logs talk -c main --tail=2
line 4
line 5
$ kubectl logs talk # fails, until 1.22
error: a container name must be specified for pod talk, choose one of: [main side]
$ kubectl logs talk # since 1.23
Defaulted container "main" out of: main, side
line 1
line 2
line 3
line 4
line 5
$ kubectl logs talk --all-containers | sort
beside
line 1
line 2
line 3
line 4
line 5
$ kubectl logs talk --all-containers --prefix | sort
[pod/talk/main] line 1
[pod/talk/main] line 2
[pod/talk/main] line 3
[pod/talk/main] line 4
[pod/talk/main] line 5
[pod/talk/side] beside
$ kubectl logs -l app=talk --all-containers --tail=1 --prefix | sort
[pod/talk/main] line 5
[pod/talk/side] beside
$ kubectl logs talk -c main --limit-bytes=10; echo
line 1
lin
$ kubectl logs talk -c main --timestamps --tail=1
{time} line 5
$ kubectl logs talk -c main --since=1h --tail=1
line 5
$ kubectl logs talk -c main --since-time=2099-01-01T00:00:00Z
$ kubectl logs falls --previous # soon
fell
$ kubectl logs web --previous # fails
Error from server (BadRequest): previous terminated container "web" in pod "web" not found
$ kubectl logs nonesuch # fails, until 1.20
Error from server (NotFound): pods "nonesuch" not found
$ kubectl logs nonesuch # fails, since 1.33
error: error from server (NotFound): pods "nonesuch" not found in namespace "inside"
$ kubectl cp page.html web:/usr/share/nginx/html/index.html
$ kubectl cp web:/usr/share/nginx/html/index.html back.html >/dev/null 2>&1 && cmp page.html back.html && echo the same
the same
$ kubectl cp many web:/tmp/many && kubectl exec web -- cat /tmp/many/a.txt /tmp/many/deep/b.txt
a
b
$ kubectl cp web:/tmp/many copied >/dev/null 2>&1 && diff -r many copied && echo the same
the same
$ kubectl cp nonesuch web:/tmp # fails
error: nonesuch doesn't exist in local filesystem
$ kubectl port-forward pod/nonesuch 80 # fails
Error from server (NotFound): pods "nonesuch" not found
$ kubectl port-forward pod/web :80 # meanwhile
Forwarding from 127.0.0.1:{port} -> 80
$ curl -s localhost:$PORT
<h1>hello</h1>
$ kubectl expose pod web --port=8000 --target-port=80
service/web exposed
$ kubectl port-forward service/web :8000 # meanwhile
Forwarding from 127.0.0.1:{port} -> 80
$ curl -s localhost:$PORT
<h1>hello</h1>
$ kubectl create deployment many --image=nginx
deployment.apps/many created
$ kubectl rollout status deployment/many --timeout=180s
...
deployment "many" successfully rolled out
$ kubectl port-forward deployment/many :80 # meanwhile
Forwarding from 127.0.0.1:{port} -> 80
$ curl -s localhost:$PORT | grep title
<head><title>Welcome to nginx!</title></head>
$ kubectl port-forward pod/web :81 # meanwhile
Forwarding from 127.0.0.1:{port} -> 81
...
{any}an error occurred forwarding {port} -> 81: {any}
$ curl -s localhost:$PORT || echo refused
refused
$ kubectl proxy --port=0 # meanwhile
Starting to serve on 127.0.0.1:{port}
$ curl -s localhost:$PORT/api/v1/namespaces/inside/services/web:8000/proxy/
<h1>hello</h1>
$ kubectl proxy --port=0 --api-prefix=/k8s # meanwhile
Starting to serve on 127.0.0.1:{port}
$ curl -s localhost:$PORT/k8s/api/v1/namespaces/inside/pods/web:80/proxy/
<h1>hello</h1>
$ kubectl proxy --port=0 # meanwhile
Starting to serve on 127.0.0.1:{port}
$ curl -s localhost:$PORT/api/v1/namespaces/inside/pods/web | head -3
{
  "kind": "Pod",
  "apiVersion": "v1",
$ kubectl get --raw /api/v1/namespaces/inside/services/web:8000/proxy/
<h1>hello</h1>
$ kubectl debug web --image=busybox --container=look --attach=false -- sleep 3600 # since 1.24
--profile=legacy is deprecated and will be removed in the future. It is recommended to explicitly specify a profile, for example "--profile=general".
$ kubectl debug node/node1 --image=busybox --attach=false -- sleep 1 # since 1.28
--profile=legacy is deprecated and will be removed in the future. It is recommended to explicitly specify a profile, for example "--profile=general".
Creating debugging pod node-debugger-node1-{id} with container debugger on node node1.
$ kubectl debug web --image=busybox --copy-to=copy --share-processes --attach=false -- sleep 3600 # until 1.20
Defaulting debug container name to debugger-{id}.
$ kubectl debug web --image=busybox --copy-to=copy --share-processes --attach=false -- sleep 3600 # since 1.33
--profile=legacy is deprecated and will be removed in the future. It is recommended to explicitly specify a profile, for example "--profile=general".
Defaulting debug container name to debugger-{id}.
$ kubectl delete pods --all --now # until 1.20
pod "copy" deleted
pod "echo" deleted
pod "falls" deleted
pod "many-{id}-{id}" deleted
pod "slow" deleted
pod "talk" deleted
pod "web" deleted
$ kubectl delete pods --all --now # since 1.33
pod "copy" deleted
pod "echo" deleted
pod "falls" deleted
pod "many-{id}-{id}" deleted
pod "node-debugger-node1-{id}" deleted
pod "slow" deleted
pod "talk" deleted
pod "web" deleted
`,
};

/** Work that ends: made of arguments, by the clock, or out of what the clock would make; and ways in from outside. */
import type { Chapter } from "../row.ts";

export const jobs: Chapter = {
  name: "jobs",
  title: {
    en: "jobs, cron jobs and ingresses",
    zh: "任务、定时任务与入口（job、cronjob、ingress）",
  },
  transcript: String.raw`
$ kubectl create job hello --image=busybox -- echo hello
job.batch/hello created
$ kubectl create job hello --image=busybox # fails
error: failed to create job: jobs.batch "hello" already exists
$ kubectl wait --for=condition=complete job/hello --timeout=120s
job.batch/hello condition met
$ kubectl get jobs
NAME    STATUS     COMPLETIONS   DURATION   AGE
hello   Complete   1/1           {age}         {age}
$ kubectl get pods -l job-name=hello
NAME         READY   STATUS      RESTARTS   AGE
hello-{id}   0/1     Completed   0          {age}
$ kubectl logs job/hello
hello
$ kubectl create job drawn --image=busybox --dry-run=client -o jsonpath='{.spec.template.spec.restartPolicy}{"\n"}' -- date
Never
$ kubectl create cronjob nightly --image=busybox --schedule='0 3 1 1 *' -- echo night
cronjob.batch/nightly created
$ kubectl create cronjob wrong --image=busybox --schedule=sometimes # fails
error: failed to create cronjob: CronJob.batch "wrong" is invalid: spec.schedule: Invalid value: "sometimes": {any}
$ kubectl get cronjobs
NAME      SCHEDULE    TIMEZONE   SUSPEND   ACTIVE   LAST SCHEDULE   AGE
nightly   0 3 1 1 *   <none>     False     0        <none>          {age}
$ kubectl patch cronjob nightly -p '{"spec":{"suspend":true}}'
cronjob.batch/nightly patched
$ kubectl create job --from=cronjob/nightly tonight # since 1.21
job.batch/tonight created
$ kubectl create job --from=cronjob.v1beta1.batch/nightly tonight # until 1.20
job.batch/tonight created
$ kubectl create job --from=cronjob/nonesuch tonight # fails
Error from server (NotFound): cronjobs.batch "nonesuch" not found
$ kubectl wait --for=condition=complete job/tonight --timeout=120s
job.batch/tonight condition met
$ kubectl logs job/tonight
night
$ kubectl get jobs -o name | sort
job.batch/hello
job.batch/tonight
$ kubectl get job tonight -o jsonpath='{.metadata.ownerReferences[0].name} {.status.succeeded}{"\n"}'
nightly 1
$ kubectl delete cronjob nightly
cronjob.batch "nightly" deleted
$ kubectl get jobs -o name # soon
job.batch/hello
$ kubectl delete job hello
job.batch "hello" deleted
$ kubectl get pods -l job-name=hello # soon
No resources found in jobs namespace.
$ kubectl create ingress web --rule='web.example.com/*=web:80'
ingress.networking.k8s.io/web created
$ kubectl create ingress secure --class=nginx --default-backend=web:80 --rule='a.example.com/=web:80,tls=cert'
ingress.networking.k8s.io/secure created
$ kubectl create ingress wrong --rule='web:80' # fails
error: rule web:80 is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]
$ kubectl get ingresses
NAME     CLASS    HOSTS             ADDRESS   PORTS     AGE
secure   nginx    a.example.com               80, 443   {age}
web      <none>   web.example.com             80        {age}
$ kubectl delete ingress secure web
ingress.networking.k8s.io "secure" deleted
ingress.networking.k8s.io "web" deleted
`,
};

"""What a script of a class does with the Python client: one line of what it saw per step, which the test compares."""
import os
import sys
import tempfile

import yaml
from kubernetes import client, config, utils, watch
from kubernetes.client.rest import ApiException
from kubernetes.stream import stream

kubeconfig, namespace = sys.argv[1], sys.argv[2]
config.load_kube_config(config_file=kubeconfig)
core, apps = client.CoreV1Api(), client.AppsV1Api()


def say(*words):
    print(*words, flush=True)


say("version", client.VersionApi().get_code().git_version)
core.create_namespaced_config_map(
    namespace, client.V1ConfigMap(metadata=client.V1ObjectMeta(name="settings"), data={"color": "red"})
)
listed = core.list_namespaced_config_map(namespace, field_selector="metadata.name=settings")
say("listed", [item.metadata.name for item in listed.items], listed.items[0].data)
core.patch_namespaced_config_map("settings", namespace, {"data": {"color": "blue", "size": "1"}})
changed = core.read_namespaced_config_map("settings", namespace)
changed.data = {"color": "green"}
core.replace_namespaced_config_map("settings", namespace, changed)
core.delete_namespaced_config_map("settings", namespace)
watcher = watch.Watch()
for event in watcher.stream(
    core.list_namespaced_config_map,
    namespace,
    field_selector="metadata.name=settings",
    resource_version=listed.metadata.resource_version,
    timeout_seconds=60,
):
    say("watched", event["type"], event["object"].data)
    if event["type"] == "DELETED":
        watcher.stop()

manifest = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web"},
    "spec": {
        "replicas": 1,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"terminationGracePeriodSeconds": 0, "containers": [{"name": "web", "image": "nginx:1.24"}]},
        },
    },
}
with tempfile.TemporaryDirectory() as directory:
    path = os.path.join(directory, "web.yaml")
    with open(path, "w") as file:
        yaml.safe_dump(manifest, file)
    utils.create_from_yaml(client.ApiClient(), path, namespace=namespace)
watcher = watch.Watch()
for event in watcher.stream(core.list_namespaced_pod, namespace, label_selector="app=web", timeout_seconds=60):
    status = event["object"].status
    if status.phase == "Running" and all(one.ready for one in status.container_statuses or [client.V1ContainerStatus]):
        name = event["object"].metadata.name
        watcher.stop()
say("running", name.rsplit("-", 2)[0])
said = stream(
    core.connect_get_namespaced_pod_exec, name, namespace, command=["echo", "hello"],
    stdin=False, stdout=True, stderr=True, tty=False,
)
say("exec", said.strip())
shell = stream(
    core.connect_get_namespaced_pod_exec, name, namespace, command=["sh", "-c", "read line; echo got $line; exit 3"],
    stdin=True, stdout=True, stderr=True, tty=False, _preload_content=False,
)
shell.write_stdin("this\n")
while shell.is_open():
    shell.update(timeout=1)
say("talked", shell.read_stdout().strip(), shell.returncode)
say("log", len(core.read_namespaced_pod_log(name, namespace, tail_lines=1).splitlines()))
scale = apps.patch_namespaced_deployment_scale("web", namespace, {"spec": {"replicas": 3}})
say("scaled", scale.spec.replicas)
apps.delete_namespaced_deployment("web", namespace, propagation_policy="Foreground")
try:
    core.read_namespaced_pod("nonesuch", namespace)
except ApiException as error:
    say("refused", error.status, error.reason, yaml.safe_load(error.body)["message"])
try:
    core.create_namespaced_service(namespace, {"metadata": {"name": "Web"}, "spec": {"ports": [{"port": 80}]}})
except ApiException as error:
    say("refused", error.status, yaml.safe_load(error.body)["reason"])

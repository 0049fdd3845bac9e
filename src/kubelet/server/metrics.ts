/**
 * GET /metrics: figures in Prometheus' text format, under the names the original gives them.
 *
 * In Kubernetes: pkg/kubelet/metrics/metrics.go
 */
import type { Kubelet } from "../kubelet.ts";

interface Metric {
  name: string;
  help: string;
  type: "gauge" | "counter";
  samples: { labels?: Record<string, string>; value: number }[];
}

export async function metricsText(kubelet: Kubelet): Promise<string> {
  const metrics = [...nodeMetrics(kubelet), ...(await containerMetrics(kubelet))];
  return metrics.map(textOf).join("");
}

function nodeMetrics({ nodeName, pleg, workers, startedAt }: Kubelet): Metric[] {
  const states = pleg.uids().flatMap((uid) => pleg.get(uid) ?? []);
  const containers = states.flatMap((state) => state.containers);
  const inState = (state: string) => containers.filter((one) => one.state === state).length;
  return [
    {
      name: "kubelet_node_name",
      help: "The node's name. The count is always 1.",
      type: "gauge",
      samples: [{ labels: { node: nodeName }, value: 1 }],
    },
    {
      name: "kubelet_running_pods",
      help: "Number of pods that have a running pod sandbox",
      type: "gauge",
      samples: [{ value: states.filter((s) => s.sandboxes[0]?.state === "ready").length }],
    },
    {
      name: "kubelet_running_containers",
      help: "Number of containers currently running",
      type: "gauge",
      samples: ["created", "exited", "running", "unknown"].map((state) => ({
        labels: { container_state: state },
        value: inState(state),
      })),
    },
    {
      name: "kubelet_active_pods",
      help: "The number of pods the kubelet considers active and which are being considered when admitting new pods.",
      type: "gauge",
      samples: [{ value: workers.activePods().length }],
    },
    {
      name: "process_start_time_seconds",
      help: "Start time of the process since unix epoch in seconds.",
      type: "gauge",
      samples: [{ value: startedAt.getTime() / 1000 }],
    },
  ];
}

async function containerMetrics({ options }: Kubelet): Promise<Metric[]> {
  const stats = await options.runtime.stats();
  const samples = (value: (one: (typeof stats)[number]) => number) =>
    stats.map((one) => ({
      labels: { container: one.name, namespace: one.pod.namespace, pod: one.pod.name },
      value: value(one),
    }));
  return [
    {
      name: "container_cpu_usage_seconds_total",
      help: "Cumulative cpu time consumed by the container in core-seconds",
      type: "counter",
      samples: samples(({ cpuNanoseconds }) => cpuNanoseconds / 1e9),
    },
    {
      name: "container_memory_working_set_bytes",
      help: "Current working set of the container in bytes",
      type: "gauge",
      samples: samples(({ memoryWorkingSetBytes }) => memoryWorkingSetBytes),
    },
  ];
}

function textOf({ name, help, type, samples }: Metric): string {
  const lines = samples.map(({ labels = {}, value }) => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}=${JSON.stringify(text)}`);
    return `${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

/**
 * A pod that names its node goes there or nowhere. (Seldom asked: such a pod is placed already.)
 *
 * In Kubernetes: pkg/scheduler/framework/plugins/nodename
 */
import { type Plugin, unresolvable } from "../framework.ts";

export const nodeName: Plugin = {
  name: "NodeName",
  wakesOn: ["NodeAdd"],
  isHelpedBy: ({ spec }, { object }) => object!.metadata.name === spec.nodeName,
  filter({ pod }) {
    const wanted = pod.spec.nodeName;
    if (!wanted) return undefined;
    return ({ name }) => (name === wanted ? undefined : OTHER_NODE);
  },
};

const OTHER_NODE = unresolvable("node(s) didn't match the requested node name");

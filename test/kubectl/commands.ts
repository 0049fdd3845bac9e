/** Every command of `kubectl help`, chapter by chapter: the one table behind the tests and behind docs/kubectl.md. */
import { change } from "./chapters/change.ts";
import { access, discovery, nodes } from "./chapters/cluster.ts";
import { create } from "./chapters/create.ts";
import { declare } from "./chapters/declare.ts";
import { get } from "./chapters/get.ts";
import { jobs } from "./chapters/jobs.ts";
import { streams } from "./chapters/streams.ts";
import { workloads } from "./chapters/workloads.ts";
import type { Chapter } from "./row.ts";

export const chapters: Chapter[] = [
  nodes,
  create,
  get,
  declare,
  change,
  workloads,
  jobs,
  streams,
  access,
  discovery,
];

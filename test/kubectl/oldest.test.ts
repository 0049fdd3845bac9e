/** The table of commands with the oldest kubectl at hand. */
import { oldestAndNewest } from "../support/kubectl.ts";
import { describeWith } from "../support/needs.ts";
import { runTable } from "./table.ts";

const kubectl = oldestAndNewest().at(0);

describeWith(["kubectl"], `kubectl 1.${kubectl?.minor}`, () => {
  if (kubectl !== undefined) runTable(kubectl);
});

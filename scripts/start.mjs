/** `npm start`: installs and builds what is missing, then runs `kubeling up` with the arguments given. */
import { ensureBuild, ensureDependencies } from "./setup.mjs";

const hasInstalled = ensureDependencies();
const hasBuilt = await ensureBuild();
// The time a first start spends here is not the cluster's: `up` counts from this mark.
if (hasInstalled || hasBuilt) performance.mark("set-up");
process.argv.splice(2, 0, "up");
await import("../dist/kubeling.js");

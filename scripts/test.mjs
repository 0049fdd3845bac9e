/** `npm test`: installs and builds what is missing, then runs the tests with the arguments given. */
import { join } from "node:path";
import { ensureBuild, ensureDependencies, root, run } from "./setup.mjs";

ensureDependencies();
await ensureBuild();
const vitest = join(root, "node_modules/vitest/vitest.mjs");
run(process.execPath, [vitest, "run", ...process.argv.slice(2)]);

/** `npm start`: installs and builds what is missing, then runs `kubeling up` with the arguments given. */
import { ensureBuild, ensureDependencies } from "./setup.mjs";

ensureDependencies();
await ensureBuild();
process.argv.splice(2, 0, "up");
await import("../dist/kubeling.js");

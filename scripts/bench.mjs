/** `npm run bench`: installs and builds what is missing, then measures, with the arguments given. */
import { ensureBuild, ensureDependencies } from "./setup.mjs";

ensureDependencies();
await ensureBuild();
await import("../dist/bench.js");

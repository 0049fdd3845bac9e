/**
 * `npm run bench`: how fast, how heavy; each figure beside a baseline measured in the same run.
 *
 *   npm run bench                          everything
 *   npm run bench -- get list              some of it
 *   npm run bench -- --full scheduling     with as many nodes and pods as Kubernetes measures
 *   npm run bench -- --tls --rounds=7 --json=bench.json
 *
 * The same program is each of the servers it measures, as a process of its own.
 */
const [role, ...rest] = process.argv.slice(2);

// Each is loaded alone, so that a server that is weighed does not carry what measures it.
if (role === "api-server") await (await import("./api-server.ts")).runApiServer(rest);
else if (role === "bare-server") await (await import("./bare-server.ts")).runBareServer(rest);
else await (await import("./run.ts")).run(process.argv.slice(2));

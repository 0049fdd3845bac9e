/** Builds the field schemas before the tests, where they are missing or older than what they come from. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

export default async function setup(): Promise<void> {
  const { buildSchemas, packageDirectory } = await import(
    new URL("../../scripts/build-schemas.mjs", import.meta.url).href
  );
  const target = join(root, "dist", "schemas", "schemas.json");
  const sources = [
    join(root, "scripts", "build-schemas.mjs"),
    join(root, "scripts", "schema-facts.mjs"),
    join(packageDirectory(), "package.json"),
  ];
  const changedMs = (path: string) => statSync(path).mtimeMs;
  if (existsSync(target) && sources.every((path) => changedMs(path) <= changedMs(target))) return;
  buildSchemas();
}

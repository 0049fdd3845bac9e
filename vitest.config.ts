import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // What another process or task does is waited for patiently: the machine may be busy.
    expect: { poll: { timeout: 90_000 } },
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/build-schemas.ts"],
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
});

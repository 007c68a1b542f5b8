import { defineConfig } from "vitest/config";

/**
 * The projects, fastest first: `unit` needs only the code, `launcher` the compiled C helper, `runtime` the command line and
 * its clients, `e2e` real daemons.
 */
export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"] } },
      { test: { name: "launcher", include: ["test/launcher/**/*.test.ts"], testTimeout: 30_000 } },
      {
        test: {
          name: "runtime",
          include: ["test/runtime/**/*.test.ts"],
          globalSetup: "test/runtime/support/global_setup.ts",
          testTimeout: 30_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: "test/harness/global_setup.ts",
          testTimeout: 60_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});

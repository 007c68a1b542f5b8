import { defineConfig } from "vitest/config";

/**
 * Four projects, fastest first: `unit` needs only the code, `launcher` the compiled C helper, `e2e` real daemons, and
 * `build` builds images with all builders.
 */
export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"] } },
      { test: { name: "launcher", include: ["test/launcher/**/*.test.ts"], testTimeout: 30_000 } },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: "test/harness/global_setup.ts",
          testTimeout: 60_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          // One after another in one process: a process for each file costs half a second.
          isolate: false,
        },
      },
      {
        test: {
          name: "build",
          include: ["test/build/**/*.test.ts"],
          globalSetup: "test/build/support/global_setup.ts",
          testTimeout: 60_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          isolate: false,
        },
      },
    ],
  },
});

import { defineConfig } from "vitest/config";

/**
 * The projects, fastest first: `unit` needs only the code, `launcher` the compiled C helper, which the snapshotter's trees
 * are made by too, `runtime` the command line and its clients, `e2e` real daemons, `snapshots` those with the snapshotter;
 * `build` builds images with all builders; `abuse` treats daemons badly.
 */
export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"] } },
      {
        test: {
          name: "launcher",
          include: ["test/launcher/**/*.test.ts", "test/snapshotter/*.test.ts"],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "snapshots",
          include: ["test/snapshotter/e2e/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          isolate: false,
        },
      },
      {
        test: {
          name: "runtime",
          include: ["test/runtime/**/*.test.ts"],
          globalSetup: "test/runtime/support/global_setup.ts",
          testTimeout: 30_000,
          hookTimeout: 120_000,
          // A slow machine is no failure.
          expect: { poll: { timeout: 15_000 } },
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
      {
        test: {
          name: "abuse",
          include: ["test/abuse/**/*.test.ts"],
          globalSetup: "test/abuse/support/abuse_setup.ts",
          testTimeout: 120_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});

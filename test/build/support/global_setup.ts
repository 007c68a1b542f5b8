import type { TestProject } from "vitest/node";
import { BuildDaemons, usualWays } from "./build_daemons.ts";

/** Starts the builders that all files share; vitest calls the result after the last file. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const names = process.env["RUND_BUILD_WAYS"]?.split(" ") ?? usualWays;
  const daemons = new BuildDaemons();
  try {
    project.provide("builds", await daemons.start(names));
  } catch (error) {
    await daemons.stop();
    throw error;
  }
  return () => daemons.stop();
}

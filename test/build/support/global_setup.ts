import type { TestProject } from "vitest/node";
import { BuildDaemons } from "./build_daemons.ts";

/** Starts the builders that all files share; vitest calls the result after the last file. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const daemons = new BuildDaemons();
  try {
    project.provide("builds", await daemons.start());
  } catch (error) {
    await daemons.stop();
    throw error;
  }
  return () => daemons.stop();
}

import { randomInt } from "node:crypto";
import type { TestProject } from "vitest/node";
import startDaemons from "../../harness/global_setup.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** From which everything random in the run is drawn. */
    abuseSeed: number;
  }
}

/** Says from which seed the run draws, and starts the daemons that its files share. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const seed = Number(process.env["RUND_ABUSE_SEED"] ?? randomInt(2 ** 32));
  if (!Number.isInteger(seed)) throw new Error(`RUND_ABUSE_SEED: not a whole number`);
  console.log(`abuse: drawn from seed ${seed}; RUND_ABUSE_SEED=${seed} draws the same again`);
  project.provide("abuseSeed", seed);
  return startDaemons(project);
}

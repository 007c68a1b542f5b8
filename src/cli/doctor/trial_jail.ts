import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { launcherPath } from "../../platform/launcher_path.ts";
import { newSpec } from "../new_spec.ts";
import type { Check, DoctorHost, Finding } from "./finding.ts";
import { ownProgram } from "./own_program.ts";
import { withTrialFolder } from "./trial_folder.ts";

const about = { id: "trial-jail", title: "Trial jail" };

/** What the launcher ends with when it is given no command. */
const usageStatus = 64;

/**
 * Runs a program in a jail: on Linux the launcher itself, which needs no libraries. A program of macOS needs all of the
 * system's, so there the selftest does it.
 */
export const trialJail: Check = async (host) => {
  if (host.uid !== 0) return [{ ...about, level: "not tried", found: "only root can make jails" }];
  if (host.platform === "linux") return [await withTrialFolder((folder) => tryJail(host, folder))];
  const found = "takes a copy of the system's libraries: sudo rund doctor --selftest";
  return [{ ...about, level: "not tried", found }];
};

async function tryJail(host: DoctorHost, bundle: string): Promise<Finding> {
  mkdirSync(join(bundle, "rootfs"));
  copyFileSync(launcherPath(), join(bundle, "rootfs/program"));
  const { process, ...spec } = newSpec(host.platform);
  const jailed = { ...process, terminal: false, args: ["/program"] };
  writeFileSync(join(bundle, "config.json"), JSON.stringify({ ...spec, process: jailed }));
  const [program, ...args] = ownProgram();
  const began = performance.now();
  const result = await host.run(program, [
    ...args,
    "--root",
    join(bundle, "state"),
    "run",
    "--bundle",
    bundle,
    "trial",
  ]);
  if (result.kind === "ended" && result.status === usageStatus) {
    return {
      ...about,
      level: "ok",
      found: `a program ran in a jail, in ${Math.round(performance.now() - began)} ms`,
    };
  }
  const found = result.kind === "ended" ? result.stderr.trim() || `ended with ${result.status}` : result.kind;
  return { ...about, level: "problem", found, why: "this is what rund is for" };
}

import { existsSync, mkdirSync, readdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listJailProcesses } from "../../../jail/process_table.ts";
import { platform } from "../../../platform/platform.ts";
import type { DoctorHost } from "../finding.ts";
import { withTrialFolder } from "../trial_folder.ts";
import { darwinSteps } from "./darwin_steps.ts";
import { listing, makeJailFiles } from "./jail_files.ts";
import { jailSteps } from "./jail_steps.ts";
import { lifeSteps } from "./life_steps.ts";
import { expectSame, runStep, type Step } from "./step.ts";
import { TrialBundles } from "./trial_bundle.ts";
import { userSteps } from "./user_steps.ts";

/**
 * Makes jails of copies of this system's programs, or of the folder `given`, and takes them through all that a container
 * goes through. Takes back all of it.
 */
export async function runSelftest(host: DoctorHost, given: string | undefined): Promise<Step[]> {
  const needsRoot = async () => (host.uid === 0 ? undefined : "only root can make jails");
  const first = await runStep("the user is root", needsRoot);
  if (first.outcome !== "passed") return [{ ...first, outcome: "failed" }];
  return withTrialFolder(async (folder) => {
    const root = given === undefined ? join(folder, "root") : realpathSync(given);
    writeFileSync(join(folder, "outside"), "of the host\n");
    const prepared = await runStep("a folder of files for the jails", async () => {
      if (given !== undefined) return;
      mkdirSync(root);
      await makeJailFiles(host, root);
    });
    const users = await userSteps(host, folder);
    if (prepared.outcome === "failed") return [prepared, ...users];
    const bundles = new TrialBundles(host, folder, root);
    const before = listing(root);
    const onMac = host.platform === "darwin" ? await darwinSteps(host, bundles, root) : [];
    const inJails = [...(await jailSteps(host, bundles, folder)), ...onMac];
    const steps = [prepared, ...inJails, ...(await lifeSteps(bundles)), ...users];
    return [
      ...steps,
      await runStep("nothing is left: mounts, processes, files", () =>
        expectNothingLeft(folder, root, before),
      ),
    ];
  });
}

async function expectNothingLeft(folder: string, root: string, before: readonly string[]): Promise<void> {
  const mounts = (await platform().readMountTable()).map(({ target }) => target);
  const places = [folder, root].map((place) => `${place}/`);
  expectSame(
    "mounts",
    mounts.filter((target) => places.some((place) => target.startsWith(place))),
    [],
  );
  expectSame("processes", await listJailProcesses(root), []);
  expectSame("files in the jail's folder", listing(root), before);
  const containers = join(folder, "containers");
  expectSame("containers", existsSync(containers) ? readdirSync(containers) : [], []);
}

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { errnoOf, RundError } from "../../common/error.ts";
import { silentLogger } from "../../common/log.ts";
import { applyMounts } from "../../mount/apply_mounts.ts";
import { planMounts } from "../../mount/plan_mounts.ts";
import type { MountRecord } from "../../mount/types.ts";
import { undoMounts } from "../../mount/undo_mounts.ts";
import { findProgram } from "./find_program.ts";
import type { Check, DoctorHost, Finding } from "./finding.ts";
import { withTrialFolder } from "./trial_folder.ts";

const about = { id: "trial-mount", title: "Trial mount" };

/** Shows a folder through bindfs, read-only, as a jail's volume would be. */
export const trialMount: Check = async (host) => {
  if (host.uid !== 0) return [{ ...about, level: "not tried", found: "only root can mount" }];
  const bindfs = findProgram(host, "bindfs");
  if (bindfs === undefined) return [{ ...about, level: "not tried", found: "bindfs is not installed" }];
  return [await withTrialFolder((folder) => tryMount(host, bindfs, folder))];
};

async function tryMount(host: DoctorHost, bindfs: string, folder: string): Promise<Finding> {
  const [bundle, image, source] = ["bundle", "image", "source"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [bundle, image, source]) mkdirSync(path);
  writeFileSync(join(source, "file"), "shown");
  const plan = planMounts({
    bundle,
    rootPath: image,
    readonlyRoot: false,
    rootfs: [],
    mounts: [{ destination: "/data", type: "bind", source, options: ["ro"] }],
    driver: "bindfs",
    bindfs,
    runtimeDirectory: join(folder, "run"),
  });
  const began = performance.now();
  let record: MountRecord | undefined;
  try {
    record = await applyMounts(plan, () => {}, silentLogger);
    const seen = look(join(image, "data/file"));
    const found = seen ?? `a folder is shown read-only, after ${Math.round(performance.now() - began)} ms`;
    return { ...about, level: seen === undefined ? "ok" : "problem", found };
  } catch (error) {
    return failure(host, RundError.from(error).message);
  } finally {
    // Rejects when something stays mounted: then nothing may be removed either.
    if (record !== undefined) await undoMounts(record, silentLogger);
  }
}

/** What is not as it should be. */
function look(file: string): string | undefined {
  if (readFileSync(file, "utf8") !== "shown") return "the folder is mounted, and its file is not seen";
  try {
    writeFileSync(file, "changed");
    return "a read-only folder can be written to";
  } catch (error) {
    return errnoOf(error) === "EROFS" ? undefined : `writing to a read-only folder: ${String(error)}`;
  }
}

function failure({ platform }: DoctorHost, found: string): Finding {
  const finding: Finding = {
    ...about,
    level: "problem",
    found,
    why: "volumes and read-only roots are shown so",
  };
  if (platform === "linux") return { ...finding, level: "warning" };
  return {
    ...finding,
    fix: [
      "macFUSE: allow its kernel extension in System Settings > Privacy & Security, then restart; on Apple silicon first",
      "  allow such extensions: hold the power button at start, Options, Startup Security Utility, Reduced Security",
      "FUSE-T: allow the terminal and containerd Network Volumes in System Settings > Privacy & Security > Files and Folders",
    ],
  };
}

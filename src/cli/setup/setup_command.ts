import { Code, RundError } from "../../common/error.ts";
import { defineCommand } from "../command.ts";
import { print } from "../print.ts";
import { applySetup } from "./apply_setup.ts";
import { installedTargets, setupHost } from "./setup_host.ts";
import { planSetup, type SetupPlan } from "./setup_plan.ts";
import { configFile, type SetupHost, type TargetName } from "./setup_target.ts";
import { nothingToSet, planText, restartText, undoText } from "./setup_text.ts";
import { undoSetup } from "./undo_setup.ts";

const targets = ["containerd", "docker", "buildkit"] as const;

const usage = {
  name: "rund setup",
  synopsis: "[flags] [containerd] [docker] [buildkit]",
  text: `Tells the daemons of rund: changes their configuration files, those of all that are installed when none is named. What
stands there stays, comments too; a copy of each file is kept beside it, and --undo takes all of it back.`,
  flags: {
    print: { type: "boolean", describe: "print what the files would be, and change nothing" },
    undo: { type: "boolean", describe: "take back what an earlier setup has changed" },
    default: { type: "boolean", describe: "make rund docker's default runtime" },
    snapshotter: { type: "string", describe: "snapshotter of images for jails; rund for rund's own" },
    "containerd-config": { type: "string", describe: "containerd's file, if not where it usually is" },
    "docker-config": { type: "string", describe: "dockerd's file" },
    "buildkit-config": { type: "string", describe: "buildkitd's file" },
  },
  examples: [
    ["rund setup --print", "shows what would be set"],
    ["sudo rund setup --default docker", "makes rund the runtime of docker run"],
    ["sudo rund setup --undo", "takes it back"],
  ],
  anyUser: true,
} as const;

type ConfigFiles = Readonly<Partial<Record<`${TargetName}-config`, string | undefined>>>;

export const setupCommand = defineCommand(usage, async (flags, words) => {
  const host = setupHost();
  const names = chosenTargets(words, host, flags);
  const files = names.map((name) => [name, flags[`${name}-config`] ?? configFile(name, host)] as const);
  if (flags.undo) {
    for (const [name, file] of files) print(undoText(file, await undoSetup(name, file)));
    return;
  }
  const choices = { snapshotter: flags.snapshotter, isDefault: flags.default ?? false };
  const plans = await Promise.all(files.map(([name, file]) => planSetup(name, file, host, choices)));
  if (flags.print) print(plans.map((plan) => planText(plan)).join("\n"));
  else carryOut(plans, host);
});

function chosenTargets(words: readonly string[], host: SetupHost, files: ConfigFiles): TargetName[] {
  const unknown = words.find((word) => !targets.some((name) => name === word));
  if (unknown !== undefined) {
    throw new RundError(
      Code.invalidArgument,
      `${unknown}: must be ${targets.join(", ")}: see rund setup --help`,
    );
  }
  if (words.length > 0) return targets.filter((name) => words.includes(name));
  const installed = installedTargets(host, process.env);
  const found = targets.filter((name) => installed.includes(name) || files[`${name}-config`] !== undefined);
  if (found.length > 0) return found;
  throw new RundError(
    Code.failedPrecondition,
    "no containerd, dockerd or buildkitd is installed; name one to set up",
  );
}

function carryOut(plans: readonly SetupPlan[], host: SetupHost): void {
  for (const plan of plans) {
    applySetup(plan);
    print(plan.changes.length === 0 ? nothingToSet(plan) : restartText(plan, host));
  }
}

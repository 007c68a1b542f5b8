import { lstatSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listJailProcesses } from "../../../jail/process_table.ts";
import { platform } from "../../../platform/platform.ts";
import { findProgram } from "../find_program.ts";
import type { DoctorHost } from "../finding.ts";
import { printed } from "../finding.ts";
import { expectSame, runStep, type Step } from "./step.ts";
import { outcome, TrialBundles } from "./trial_bundle.ts";

const annotations = { "dev.rund.isolation": "user" };

/** Jails that are users in place of root directories: they need no files of the system's, and System Integrity Protection may be on. */
export async function userSteps(host: DoctorHost, folder: string): Promise<Step[]> {
  const own = join(folder, "users");
  const image = join(own, "image");
  mkdirSync(image, { recursive: true });
  writeFileSync(join(image, ".obuilder_profile.sh"), "FROM_PROFILE=yes; export FROM_PROFILE\n");
  const bundles = new TrialBundles(host, own, image);
  const isLeftOut = findProgram(host, "bindfs") === undefined;
  const step = (name: string, body: () => Promise<void>) =>
    runStep(name, async () => (isLeftOut ? "bindfs is not installed" : body()));
  return [
    await step("a jail that is a user has its own name, home and profile", async () => {
      const script = 'id -un | tr -d 0-9; test "$PWD" -ef "$HOME" && echo at home; echo "$FROM_PROFILE"';
      const result = await bundles.run({ script, annotations });
      expectSame("rund run", outcome(result), 'exit 0, "rund-\\nat home\\nyes\\n"');
    }),
    await step(
      "what it makes belongs to the image's user, and nothing else is left in the image",
      async () => {
        const script =
          'echo x >made; echo x >"$TMPDIR/gone"; rm "$TMPDIR/gone"; ls -ln made | tr -s " " | cut -d" " -f3';
        const uid = await runAs(bundles, script);
        expectSame("owner in the jail", uid >= 70_000, true);
        expectSame("files", readdirSync(image).sort(), [".obuilder_profile.sh", "made"]);
        expectSame("owner in the image", lstatSync(join(image, "made")).uid, 0);
      },
    ),
    await step("its processes end with it, and then the user is gone", async () => {
      const uid = await runAs(bundles, "(sleep 1000 </dev/null >/dev/null 2>&1 &) ; id -u");
      expectSame("processes", await listJailProcesses({ uid }), []);
      const users = await platform().users();
      expectSame("users", await users.list(`rund-${uid}`), []);
    }),
  ];
}

/** What a script that prints one number has printed. */
async function runAs(bundles: TrialBundles, script: string): Promise<number> {
  const result = await bundles.run({ script, annotations });
  const number = Number(printed(result));
  if (!(number > 0)) throw new Error(`${outcome(result)}, expected a user's number`);
  return number;
}

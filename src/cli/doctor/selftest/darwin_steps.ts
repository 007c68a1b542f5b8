import { existsSync } from "node:fs";
import { join } from "node:path";
import { annotationNames } from "../../../oci/annotations.ts";
import { findProgram } from "../find_program.ts";
import type { DoctorHost } from "../finding.ts";
import { expectSame, runStep, type Step } from "./step.ts";
import { outcome, type TrialBundles, type TrialProcess } from "./trial_bundle.ts";

/** A user of each Mac that is in none of the jail's files. */
const hostUser = "_mdnsresponder";

/** What only a Mac's jails have. `root` is their folder of files. */
export async function darwinSteps(host: DoctorHost, bundles: TrialBundles, root: string): Promise<Step[]> {
  const steps: Step[] = [];
  const step = async (name: string, body: () => Promise<unknown>) =>
    void steps.push(await runStep(name, body));
  const gives = async (process: TrialProcess, expected: string) =>
    expectSame("rund run", outcome(await bundles.run(process)), expected);
  const hasProgram = (path: string) => existsSync(join(root, path));
  await step("the host's DNS service answers in a jail", async () => {
    if (!hasProgram("usr/bin/dns-sd")) return "there is no dns-sd among the jail's files";
    await expectMatch(bundles, { script: "dns-sd -V" }, /daemon.* version/);
    return undefined;
  });
  await step("a name is looked up in a jail", async () => {
    if (!hasProgram("sbin/ping")) return "there is no ping among the jail's files";
    await expectMatch(bundles, { script: "/sbin/ping -c 1 -t 5 localhost" }, /127\.0\.0\.1/);
    return undefined;
  });
  await step("a name is looked up in a jail whose root is read-only", async () => {
    if (!hasProgram("sbin/ping")) return "there is no ping among the jail's files";
    if (findProgram(host, "bindfs") === undefined) return "bindfs is not installed";
    const script = "/sbin/ping -c 1 -t 5 localhost";
    await expectMatch(bundles, { script, isReadonly: true }, /127\.0\.0\.1/);
    return undefined;
  });
  await step("there is a folder for temporary files, which anybody may use", () =>
    gives(
      { script: 'echo "$TMPDIR"; echo x >"$TMPDIR/f" && cat "$TMPDIR/f" && rm "$TMPDIR/f"', uid: 501 },
      'exit 0, "/private/tmp\\nx\\n"',
    ),
  );
  const whose = `id -u ${hostUser} >/dev/null 2>&1 && echo known || echo unknown`;
  await step("users are the host's", () => gives({ script: whose }, 'exit 0, "known\\n"'));
  await step("users are the jail's own by annotation", () =>
    gives({ script: whose, annotations: { [annotationNames.users]: "jail" } }, 'exit 0, "unknown\\n"'),
  );
  const write = "(echo x >/tmp/f) 2>/dev/null && rm /tmp/f && echo written || echo refused";
  const under = (rule: string) => ({
    script: write,
    annotations: { [annotationNames.seatbelt]: `(version 1)(allow default)${rule}` },
  });
  await step("a seatbelt profile lets through what it allows", () =>
    gives(under(""), 'exit 0, "written\\n"'),
  );
  await step("a seatbelt profile refuses what it denies", () =>
    gives(under('(deny file-write* (regex #"/tmp/f$"))'), 'exit 0, "refused\\n"'),
  );
  await step("a seatbelt profile goes by the paths of the host", () =>
    gives(under('(deny file-write* (subpath (param "ROOT")))'), 'exit 0, "refused\\n"'),
  );
  return steps;
}

async function expectMatch(bundles: TrialBundles, process: TrialProcess, pattern: RegExp): Promise<void> {
  const result = await bundles.run(process);
  const text = result.kind === "ended" ? result.stdout : "";
  if (!pattern.test(text)) throw new Error(`${outcome(result)}, expected ${pattern}`);
}

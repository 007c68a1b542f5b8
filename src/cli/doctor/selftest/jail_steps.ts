import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Mount } from "../../../oci/spec.ts";
import { findProgram } from "../find_program.ts";
import type { DoctorHost } from "../finding.ts";
import { expectSame, runStep, type Step } from "./step.ts";
import { outcome, type TrialBundles, type TrialProcess } from "./trial_bundle.ts";

/** What a program sees of its jail, one thing a container. */
export async function jailSteps(host: DoctorHost, bundles: TrialBundles, folder: string): Promise<Step[]> {
  const steps: Step[] = [];
  const step = async (name: string, body: () => Promise<unknown>) =>
    void steps.push(await runStep(name, body));
  const gives = async (process: TrialProcess, expected: string) =>
    expectSame("rund run", outcome(await bundles.run(process)), expected);
  await step("a program runs, its output and its exit code come back", () =>
    gives({ script: "echo out; exit 7" }, 'exit 7, "out\\n"'),
  );
  await step("it sees the jail's files and none of the host's", () =>
    gives({ script: `cat '${folder}/outside' 2>/dev/null || echo none` }, 'exit 0, "none\\n"'),
  );
  await step("it has the user and the groups that were asked for, and no others", () =>
    gives(
      { script: "id -u; id -g; id -G", uid: 501, gid: 20, groups: [12, 61] },
      'exit 0, "501\\n20\\n20 12 61\\n"',
    ),
  );
  await step("it ends by a signal", () => gives({ script: "kill -9 $$" }, 'exit 137, ""'));
  await step("a missing program is an error of its own", async () => {
    const result = await bundles.run({ script: "exec no-such-program" });
    expectSame("exit code", result.kind === "ended" && result.status, 127);
  });
  await step("/dev is there", () =>
    gives({ script: "echo lost >/dev/null && cat /dev/null && ls /dev/null" }, 'exit 0, "/dev/null\\n"'),
  );
  await step("a tmpfs is mounted, with its mode", () =>
    gives(
      { script: "echo x >/tmp/t/f && cat /tmp/t/f", uid: 501, mounts: [tmpfs("/tmp/t")] },
      'exit 0, "x\\n"',
    ),
  );
  await step("a single file is shown, and changes come back", async () => {
    const file = join(folder, "single");
    writeFileSync(file, "of the host\n");
    await gives(
      { script: "cat /etc/single; echo of the jail >/etc/single", mounts: [bind(file, "/etc/single")] },
      'exit 0, "of the host\\n"',
    );
    expectSame("the file", readFileSync(file, "utf8"), "of the jail\n");
  });
  const hasBinds = host.platform === "linux" || findProgram(host, "bindfs") !== undefined;
  await step("a folder is shown, and changes are the host's", async () => {
    if (!hasBinds) return "bindfs is not installed";
    const volume = join(folder, "volume");
    mkdirSync(volume);
    writeFileSync(join(volume, "in"), "of the host\n");
    await gives(
      { script: "cat /data/in; echo x >/data/out", mounts: [bind(volume, "/data")] },
      'exit 0, "of the host\\n"',
    );
    expectSame("the new file", readFileSync(join(volume, "out"), "utf8"), "x\n");
    return undefined;
  });
  await step("a read-only root cannot be written to", async () => {
    if (!hasBinds) return "bindfs is not installed";
    await gives(
      { script: "(echo x >/new) 2>/dev/null || echo refused", isReadonly: true },
      'exit 0, "refused\\n"',
    );
    return undefined;
  });
  await step("a terminal is one for the program", () => terminalStep(host, bundles));
  return steps;
}

/** script(1) is there on both systems, and takes its command in two ways. */
async function terminalStep(host: DoctorHost, bundles: TrialBundles): Promise<string | undefined> {
  const bundle = bundles.write({ script: "tty >/dev/null && echo is a terminal", terminal: true });
  const command = bundles.command("run", "--bundle", bundle, "selftest-terminal");
  const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  const args = host.platform === "darwin" ? ["-q", "/dev/null", ...command] : ["-qec", quoted, "/dev/null"];
  const result = await host.run("script", args, 60_000);
  if (result.kind === "missing") return "there is no script(1)";
  const text = result.kind === "ended" ? result.stdout : result.kind;
  if (!/is a terminal\r?\n/.test(text)) throw new Error(`${outcome(result)}, expected "is a terminal"`);
  return undefined;
}

function bind(source: string, destination: string): Mount {
  return { destination, type: "bind", source, options: ["rbind", "rw"] };
}

function tmpfs(destination: string): Mount {
  return { destination, type: "tmpfs", source: "tmpfs", options: ["mode=1777", "size=16m"] };
}

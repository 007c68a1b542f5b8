import { printed } from "../finding.ts";
import { expectSame, runStep, type Step } from "./step.ts";
import { outcome, type TrialBundles } from "./trial_bundle.ts";

const id = "selftest-life";

/** One container through its whole life, each command a process of its own, as clients do it. */
export async function lifeSteps(bundles: TrialBundles): Promise<Step[]> {
  const rund = (...args: readonly string[]) => bundles.rund(...args);
  const status = async () =>
    (JSON.parse(printed(await rund("state", id)) ?? "{}") as { status?: string }).status;
  const well = async (...args: readonly string[]) =>
    expectSame(`rund ${args[0]}`, outcome(await rund(...args)), 'exit 0, ""');
  const script = "trap 'exit 7' TERM; while :; do sleep 1; done";
  const bundle = bundles.write({ script });
  const steps: Step[] = [];
  const step = async (name: string, body: () => Promise<void>) => void steps.push(await runStep(name, body));
  await step("create: a container waits for its start", async () => {
    expectSame(
      "rund create",
      outcome(await bundles.rundDetached("create", "--bundle", bundle, id)),
      'exit 0, ""',
    );
    expectSame("status", await status(), "created");
  });
  await step("start: its program runs", async () => {
    await well("start", id);
    expectSame("status", await status(), "running");
  });
  await step("exec: another program runs in the same jail", async () => {
    expectSame(
      "exec",
      outcome(await rund("exec", id, "sh", "-c", "echo from exec; exit 3")),
      'exit 3, "from exec\\n"',
    );
  });
  await step("ps: the jail's processes are found by their root directory", async () => {
    const count = printed(await rund("ps", id))?.split("\n").length ?? 0;
    if (count < 2) throw new Error(`${count} lines, expected a heading and the processes`);
  });
  await step("pause and resume: they stop and go on", async () => {
    await well("pause", id);
    expectSame("status", await status(), "paused");
    await well("resume", id);
    expectSame("status", await status(), "running");
  });
  await step("kill: TERM reaches the program, which ends as it likes", async () => {
    await well("kill", id, "TERM");
    await until(async () => (await status()) === "stopped");
  });
  await step("delete: it is gone, and so is what was made for it", async () => {
    await well("delete", id);
    expectSame("state", printed(await rund("state", id)), undefined);
  });
  return steps;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error("not within ten seconds");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

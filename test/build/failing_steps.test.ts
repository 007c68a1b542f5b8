import { rm } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import type { BackgroundCommand } from "../harness/background_command.ts";
import type { CommandResult } from "../harness/command_result.ts";
import { endAbandonedTasks } from "./support/abandoned_tasks.ts";
import { onBase, writeContext } from "./support/build_context.ts";
import { eachWay } from "./support/builds.ts";
import { stepOutput, succeeded, type Way } from "./support/way.ts";

eachWay((way) => {
  const failing = async (...lines: readonly string[]) => {
    const result = await way.build({ dockerfile: onBase(...lines) }, ["--no-cache-filter", "stage-1"]);
    expect(result.exitCode).not.toBe(0);
    return result;
  };

  it("a failing step ends the build with its code and its output", async () => {
    const result = await failing("RUN echo to stdout; echo to stderr >&2; exit 42", "RUN touch /never");
    expect(stepOutput(result).toSorted()).toEqual(["to stderr", "to stdout"]);
    expect(result.stderr).toMatch(/did not complete successfully: exit code: 42$/m);
    expect(result.stderr).not.toContain("touch /never\n#");
  });

  it("a missing program is named", async () => {
    const shell = await failing("RUN no-such-program");
    expect(stepOutput(shell)).toEqual(["/bin/sh: no-such-program: not found"]);
    expect(shell.stderr).toMatch(/exit code: 127$/m);
    const exec = await failing('RUN ["no-such-program", "with argument"]');
    expect(exec.stderr).toContain('exec: "no-such-program": executable file not found in $PATH');
    const folder = await failing('RUN ["/etc"]');
    expect(folder.stderr).toMatch(/permission denied|is a directory/);
  });

  it("a killed step shows its signal", async () => {
    const child = await failing("RUN echo before; sh -c 'kill -9 $$'; exit $?");
    expect(stepOutput(child)).toContain("before");
    expect(child.stderr).toMatch(/exit code: 137$/m);
    // The first process of a pid namespace, which runc's steps have, is spared its own signals.
    if (way.isRunc) return;
    const step = await failing("RUN echo before; kill -9 $$; echo after");
    expect(stepOutput(step)).toEqual(["before"]);
    expect(step.stderr).toMatch(/exit code: 137$/m);
  });

  it("background processes of a step end with it", async () => {
    const before = way.census.take();
    const dockerfile = onBase(
      "RUN sleep 4711 & (setsid sh -c 'trap \"\" TERM HUP; sleep 4712; :' &) ; nohup sleep 4713 >/dev/null 2>&1 & echo done",
      "RUN ps | grep -c '[s]leep 471'; true",
    );
    const result = succeeded(await way.build({ dockerfile }, ["--no-cache-filter", "stage-1"]));
    expect(stepOutput(result)).toEqual(["done", "0"]);
    await way.census.expectNoMoreThan(before);
  });

  it("^C ends the step that runs, and nothing of it stays", async () => {
    const before = way.census.take();
    const step = "RUN trap 'echo caught' INT TERM; sleep 4714 & echo at it; while :; do wait; sleep 1; done";
    const result = await cancelled(way, step, (build) => build.waitFor(/^#\d+ \d\.\d+ at it$/m));
    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).toMatch(/canceled/i);
    await way.census.expectNoMoreThan(before);
  });

  it("^C at other moments leaves nothing either", async () => {
    const before = way.census.take();
    const moments = [0, 30, 60, 90, 130, 180].map(async (milliseconds) => {
      await cancelled(way, `RUN sleep 47${milliseconds}`, async (build) => {
        await build.waitFor(/^#\d+ \[stage-1 .*RUN sleep/m);
        await delay(milliseconds);
      });
    });
    await Promise.all(moments);
    await endAbandonedTasks(way);
    // A shim whose start containerd has cut off is known to nobody; it sees that for itself, in two looks of 5 s.
    await way.census.expectNoMoreThan(before, 15_000);
  });
});

/** Begins a build of one step, and ends it with ^C when `moment` resolves. */
async function cancelled(
  way: Way,
  step: string,
  moment: (build: BackgroundCommand) => Promise<unknown>,
): Promise<CommandResult> {
  const folder = await writeContext({ dockerfile: onBase(step) });
  const build = way.spawn(folder, ["--no-cache-filter", "stage-1"]);
  try {
    await moment(build);
    build.kill("SIGINT");
    return await build.result;
  } finally {
    build.kill();
    await rm(folder, { recursive: true });
  }
}

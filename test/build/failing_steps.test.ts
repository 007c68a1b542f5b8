import { rm } from "node:fs/promises";
import { expect, it } from "vitest";
import { onBase, writeContext } from "./support/build_context.ts";
import { eachWay } from "./support/builds.ts";
import { stepOutput, succeeded } from "./support/way.ts";

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
    const dockerfile = onBase(
      "RUN trap 'echo caught' INT TERM; sleep 4714 & echo at it; while :; do wait; sleep 1; done",
    );
    const folder = await writeContext({ dockerfile });
    const build = way.spawn(folder, ["--no-cache-filter", "stage-1"]);
    try {
      await build.waitFor(/at it/);
      build.kill("SIGINT");
      const result = await build.result;
      expect(result.exitCode).not.toBe(0);
      expect(result.stderr).toMatch(/canceled|cancelled/i);
      await way.census.expectNoMoreThan(before);
    } finally {
      build.kill();
      await rm(folder, { recursive: true });
    }
  });
});

import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { projectFolder } from "../harness/project_paths.ts";
import { shared, testFolder } from "../harness/shared.ts";
import { bindfsFolder } from "../harness/tools.ts";

const { census } = shared();

interface Report {
  readonly ok: boolean;
  readonly findings: readonly { readonly id: string; readonly level: string; readonly found: string }[];
  readonly steps?: readonly { readonly name: string; readonly outcome: string; readonly detail?: string }[];
}

/** `rund doctor ARGS --json` as root, with bindfs on its PATH. */
async function doctor(...args: readonly string[]): Promise<Report> {
  const env = { PATH: `${await bindfsFolder()}:${process.env["PATH"]}`, TMPDIR: await testFolder() };
  const command = [`${projectFolder}/dist/bin/rund`, "doctor", ...args, "--json"] as const;
  const { stdout } = await execa(command[0], command.slice(1), { env, reject: false });
  return JSON.parse(stdout) as Report;
}

describe("rund doctor", () => {
  it("tries a mount and a jail, and leaves nothing of them", async () => {
    const before = census.take();
    const { ok, findings } = await doctor();
    const level = (id: string) => findings.find((finding) => finding.id === id)?.level;
    expect(ok).toBe(true);
    expect(["user", "launcher", "fuse", "bindfs", "trial-mount", "trial-jail"].map(level)).toEqual(
      Array.from({ length: 6 }, () => "ok"),
    );
    await census.expectNoMoreThan(before);
  });

  it("takes jails through their whole life in its selftest", async () => {
    const before = census.take();
    const { ok, steps = [] } = await doctor("--selftest");
    expect(steps.filter(({ outcome }) => outcome !== "passed")).toEqual([]);
    expect(steps).toHaveLength(23);
    expect(ok).toBe(true);
    await census.expectNoMoreThan(before);
  });
});

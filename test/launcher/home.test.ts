import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { BusyboxJail } from "./busybox_jail.ts";
import { run } from "./jail_run.ts";

let jail: BusyboxJail;
beforeAll(async () => {
  jail = await BusyboxJail.create();
  mkdirSync(join(jail.root, "etc"), { recursive: true });
});
afterAll(() => jail.remove());

const passwd = () => join(jail.root, "etc/passwd");
beforeEach(() => rmSync(passwd(), { recursive: true, force: true }));

async function homeOf(uid: number, env: readonly string[] = []): Promise<string> {
  const { stdout } = await run(jail, 'echo "$HOME"', { uid, env: ["PATH=/bin", ...env] });
  return stdout.trimEnd();
}

describe("HOME", () => {
  it("is the user's in the jail's passwd file", async () => {
    writeFileSync(
      passwd(),
      "# users\n\nroot:x:0:0:root:/root:/bin/sh\nshort:x:7\nann:x:1000:100::/home/ann:/bin/sh\n",
    );
    expect([await homeOf(0), await homeOf(1000), await homeOf(7)]).toEqual(["/root", "/home/ann", "/"]);
  });

  it("is what the environment says, unless that is empty", async () => {
    writeFileSync(passwd(), "root:x:0:0:root:/root:/bin/sh\n");
    expect(await homeOf(0, ["HOME=/elsewhere"])).toBe("/elsewhere");
    expect(await homeOf(0, ["HOME="])).toBe("/root");
  });

  it("is the root folder when there is no such file, or it is none", async () => {
    expect(await homeOf(0)).toBe("/");
    execFileSync("mkfifo", [passwd()]);
    expect(await homeOf(0)).toBe("/");
    rmSync(passwd());
    mkdirSync(passwd());
    expect(await homeOf(0)).toBe("/");
  });

  it("follows a link of the image only inside the jail", async () => {
    symlinkSync("../../../../etc/shadow-users", passwd());
    writeFileSync(join(jail.root, "etc/shadow-users"), "root:x:0:0:root:/inside:/bin/sh\n");
    expect(await homeOf(0)).toBe("/inside");
  });

  it("survives lines of any length", async () => {
    writeFileSync(passwd(), `${"x".repeat(10_000)}:x:0:0:root:/long:/bin/sh\nroot:x:0:0::relative:/bin/sh\n`);
    expect(await homeOf(0)).toBe("/long");
  });
});

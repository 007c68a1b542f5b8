import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { launcher } from "./launcher_under_test.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync("/tmp/rund-trees-");
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(launcher, args, { encoding: "utf8", cwd: folder });
  return { status, stdout, stderr };
}

describe("clone", () => {
  test("makes a new folder and touches nothing that is there", () => {
    mkdirSync(`${folder}/from`);
    mkdirSync(`${folder}/to`);
    expect(run("clone", "from", "to")).toMatchObject({ status: 1, stderr: "EEXIST to: file exists\n" });
    expect(run("clone", "missing", "new").stderr).toBe("ENOENT missing: no such file or directory\n");
    writeFileSync(`${folder}/file`, "");
    expect(run("clone", "file", "other").stderr).toBe("ENOTDIR file: not a directory\n");
    expect(run("clone", "from", "no/folder").stderr).toBe("ENOENT no/folder: no such file or directory\n");
    expect(run("clone", "from")).toMatchObject({ status: 64 });
  });

  test("does not follow a link in place of the tree", () => {
    mkdirSync(`${folder}/real`);
    symlinkSync("real", `${folder}/link`);
    expect(run("clone", "link", "to")).toMatchObject({ status: 1 });
  });

  test("goes 600 folders deep, and a name of 255 bytes in each", () => {
    const name = "n".repeat(255);
    const script = `
import os, sys
os.chdir(sys.argv[1])
for i in range(600):
    os.mkdir(sys.argv[2]); os.chdir(sys.argv[2])
open("bottom", "w").write("reached")`;
    mkdirSync(`${folder}/from`);
    spawnSync("python3", ["-c", script, `${folder}/from`, name]);
    expect(run("clone", "from", "to")).toMatchObject({ status: 0, stderr: "" });
    const count = `
import os, sys
os.chdir(sys.argv[1])
for i in range(600): os.chdir(sys.argv[2])
print(open("bottom").read())`;
    const found = spawnSync("python3", ["-c", count, `${folder}/to`, name], { encoding: "utf8" });
    expect(found.stdout).toBe("reached\n");
    for (const tree of ["from", "to"]) expect(run("remove", tree)).toMatchObject({ status: 0 });
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("remove", () => {
  test("removes links and not what they lead to", () => {
    mkdirSync(`${folder}/kept`);
    writeFileSync(`${folder}/kept/file`, "");
    mkdirSync(`${folder}/tree`);
    symlinkSync("../kept", `${folder}/tree/link`);
    symlinkSync("kept", `${folder}/top`);
    expect(run("remove", "tree").status).toBe(0);
    expect(run("remove", "top").status).toBe(1);
    expect(existsSync(`${folder}/kept/file`)).toBe(true);
    expect(existsSync(`${folder}/tree`)).toBe(false);
  });

  test("has nothing to do where nothing is", () => {
    expect(run("remove", "nothing")).toMatchObject({ status: 0, stderr: "" });
  });
});

describe("lock", () => {
  test("is one process's until that is gone, however it went", async () => {
    const holder = spawn(launcher, ["lock", folder], { stdio: ["pipe", "pipe", "inherit"] });
    expect(String((await once(holder.stdout, "data"))[0])).toBe("locked\n");
    expect(run("lock", folder)).toMatchObject({
      status: 1,
      stderr: `EBUSY ${folder}: device or resource busy\n`,
    });
    holder.stdin.end();
    await once(holder, "exit");
    const next = spawn(launcher, ["lock", folder], { stdio: ["pipe", "pipe", "inherit"] });
    await once(next.stdout, "data");
    next.kill("SIGKILL");
    await once(next, "exit");
    expect(run("lock", folder)).toMatchObject({ status: 0, stdout: "locked\n" });
  });
});

import { execFileSync, spawn, spawnSync } from "node:child_process";
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

  test.each([
    ["folder of the same file system", ["--bind", "kept", "tree/deep/mounted"]],
    ["file system", ["-t", "tmpfs", "tmpfs", "tree/deep/mounted"]],
  ])("spares a %s that is mounted in it, and fails", (_, mount) => {
    mkdirSync(`${folder}/kept`);
    writeFileSync(`${folder}/kept/file`, "");
    mkdirSync(`${folder}/tree/deep/mounted`, { recursive: true });
    writeFileSync(`${folder}/tree/deep/other`, "");
    execFileSync("mount", mount, { cwd: folder });
    try {
      writeFileSync(`${folder}/tree/deep/mounted/inner`, "");
      expect(run("remove", "tree")).toMatchObject({ status: 1 });
      expect(readdirSync(`${folder}/tree/deep`)).toEqual(["mounted"]);
      expect(existsSync(`${folder}/tree/deep/mounted/inner`)).toBe(true);
    } finally {
      execFileSync("umount", ["tree/deep/mounted"], { cwd: folder });
    }
    expect(existsSync(`${folder}/kept/file`)).toBe(true);
    expect(run("remove", "tree")).toMatchObject({ status: 0, stderr: "" });
  });

  test("a tree that a process made deeper than any path, with no more descriptors than usual", () => {
    const script = `
import os, sys
os.chdir(sys.argv[1])
for i in range(5000):
    os.mkdir("d"); os.chdir("d")
open("bottom", "w")`;
    mkdirSync(`${folder}/tree`);
    writeFileSync(`${folder}/tree/deep-0`, "");
    mkdirSync(`${folder}/tree/deep-1/full`, { recursive: true });
    spawnSync("python3", ["-c", script, `${folder}/tree`]);
    expect(run("clone", "tree", "to").stderr).toContain(": file name too long");
    expect(run("usage", "tree").stderr).toContain(": file name too long");
    const layer = spawnSync("sh", ["-c", `"$0" diff --upper tree > layer`, launcher], { cwd: folder });
    expect(String(layer.stderr)).toContain(": file name too long");
    rmSync(`${folder}/layer`);
    const limited = ["-c", `ulimit -n 2500; exec "$0" remove tree`, launcher];
    expect(spawnSync("sh", limited, { encoding: "utf8", cwd: folder })).toMatchObject({
      status: 0,
      stderr: "",
    });
    expect(run("remove", "to")).toMatchObject({ status: 0 });
    expect(readdirSync(folder)).toEqual([]);
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

import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fileSystemTypes, LoopFileSystem } from "../harness/loop_file_system.ts";
import { launcher } from "./launcher_under_test.ts";

interface CloneAnswer {
  readonly shared: number;
  readonly copied: number;
}

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(launcher, args, { encoding: "utf8" });
  return { status, stdout, stderr };
}

function clone(from: string, to: string, ...flags: string[]): CloneAnswer {
  const { status, stdout, stderr } = run("clone", ...flags, from, to);
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as CloneAnswer;
}

/** Every fact of every entry of a tree, but times of change and numbers of inodes. */
function factsOf(tree: string): string {
  const format = "%P %y %m %U %G %n %s %T@ %l\\n";
  const listed = execFileSync("find", [tree, "-printf", format], { encoding: "utf8" }).split("\n").sort();
  const script = `
import os, sys
for folder, folders, files in sorted(os.walk(sys.argv[1])):
    for name in ["."] + sorted(folders + files):
        path = os.path.join(folder, name)
        for key in sorted(os.listxattr(path, follow_symlinks=False)):
            print(os.path.relpath(path, sys.argv[1]), key, os.getxattr(path, key, follow_symlinks=False))`;
  const attributes = execFileSync("python3", ["-c", script, tree], { encoding: "utf8" });
  return `${listed.join("\n")}\n${attributes}`;
}

function setAttribute(path: string, key: string, value: string): void {
  const script =
    "import os, sys; os.setxattr(sys.argv[1], sys.argv[2], bytes.fromhex(sys.argv[3]), follow_symlinks=False)";
  execFileSync("python3", ["-c", script, path, key, value]);
}

/** Version 2, the entries of owner, user 1000, group, mask and others: what `setfacl -m u:1000:rw` leaves. */
const acl = "0200000001000600ffffffff02000600e803000004000400ffffffff10000600ffffffff20000400ffffffff";

/** One of everything that a tree can have. */
function makeTree(tree: string): void {
  mkdirSync(`${tree}/folder/deep/er`, { recursive: true });
  writeFileSync(`${tree}/folder/file`, "content");
  writeFileSync(`${tree}/empty`, "");
  writeFileSync(`${tree}/large`, Buffer.alloc(3 * 1024 * 1024 + 17, "x"));
  writeFileSync(`${tree}/folder/program`, "x");
  chownSync(`${tree}/folder/program`, 1000, 2000);
  chmodSync(`${tree}/folder/program`, 0o6711);
  setAttribute(`${tree}/folder/program`, "security.capability", "0100000200040000000000000000000000000000");
  setAttribute(`${tree}/folder/file`, "user.name", "00ff");
  setAttribute(`${tree}/folder/file`, "system.posix_acl_access", acl);
  setAttribute(`${tree}/folder/deep`, "system.posix_acl_default", acl);
  writeFileSync(`${tree}/folder/deep/inherits`, "");
  linkSync(`${tree}/folder/file`, `${tree}/folder/deep/er/linked`);
  symlinkSync("/etc/../nowhere", `${tree}/link`);
  setAttribute(`${tree}/link`, "trusted.name", "01");
  linkSync(`${tree}/link`, `${tree}/folder/linked-link`);
  execFileSync("mknod", [`${tree}/null`, "c", "1", "3"]);
  execFileSync("mkfifo", ["-m", "622", `${tree}/fifo`]);
  writeFileSync(`${tree}/sparse`, "start");
  truncateSync(`${tree}/sparse`, 20 * 1024 * 1024);
  writeFileSync(`${tree}/sparse`, "middle", { flag: "r+" });
  mkdirSync(`${tree}/closed`, 0o700);
  writeFileSync(`${tree}/closed/${"n".repeat(255)}`, "", { mode: 0 });
  chmodSync(`${tree}/closed`, 0o3000);
  lutimesSync(`${tree}/link`, 1, 2.5);
  for (const name of ["folder/file", "closed", "folder"])
    utimesSync(`${tree}/${name}`, 1_000_000, 1_000_001.25);
}

test("a subvolume that a process made in its tree goes with it", async () => {
  const folder = mkdtempSync("/tmp/rund-clone-");
  const files = await LoopFileSystem.create("btrfs", folder);
  try {
    const tree = `${files.path}/tree`;
    expect(run("tree", tree)).toMatchObject({ status: 0 });
    mkdirSync(`${tree}/deep`);
    expect(run("tree", `${tree}/deep/inner`)).toMatchObject({ status: 0 });
    mkdirSync(`${tree}/deep/inner/more`);
    writeFileSync(`${tree}/deep/inner/more/file`, "x");
    expect(run("remove", tree)).toMatchObject({ status: 0, stderr: "" });
    expect(existsSync(tree)).toBe(false);
  } finally {
    await files[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  }
}, 300_000);

describe.each(fileSystemTypes)("a clone on %s", (type) => {
  let folder: string;
  let files: LoopFileSystem;

  beforeAll(async () => {
    folder = mkdtempSync("/tmp/rund-clone-");
    files = await LoopFileSystem.create(type, folder);
  }, 300_000);

  afterAll(async () => {
    await files[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  test("has everything that the original has", () => {
    const [from, to] = [`${files.path}/all`, `${files.path}/all-cloned`];
    mkdirSync(from);
    makeTree(from);
    const answer = clone(from, to);
    expect(factsOf(to)).toBe(factsOf(from));
    expect(readFileSync(`${to}/large`).equals(readFileSync(`${from}/large`))).toBe(true);
    expect(statSync(`${to}/folder/file`).ino).toBe(statSync(`${to}/folder/deep/er/linked`).ino);
    expect(statSync(`${to}/sparse`).blocks).toBeLessThanOrEqual(statSync(`${from}/sparse`).blocks);
    const content = type === "ext4" ? answer.copied : answer.shared;
    expect(content).toBe(answer.shared + answer.copied);
    expect(content).toBe(4);
  });

  test("has everything too when it is made in one step", () => {
    const [from, to] = [`${files.path}/large`, `${files.path}/large-cloned`];
    expect(run("tree", from)).toMatchObject({ status: 0 });
    expect(statSync(from).mode & 0o7777).toBe(0o755);
    chmodSync(from, 0o1751);
    makeTree(from);
    const { shared, copied } = clone(from, to, "--large");
    expect(factsOf(to)).toBe(factsOf(from));
    expect(statSync(to).mode & 0o7777).toBe(0o1751);
    if (type === "btrfs") expect([shared, copied]).toEqual([0, 0]);
    else expect(shared + copied).toBe(4);
    writeFileSync(`${to}/large`, "changed");
    expect(statSync(`${from}/large`).size).toBe(3 * 1024 * 1024 + 17);
    const added = run("diff", "--lower", from, "--upper", to);
    expect(added.stdout.slice(0, 6)).toBe("large\0");
    for (const tree of [from, to]) expect(run("remove", tree)).toMatchObject({ status: 0, stderr: "" });
    expect(existsSync(from) || existsSync(to)).toBe(false);
  });

  test("is of the tree as it was: writing to one does not change the other", () => {
    const [from, to] = [`${files.path}/apart`, `${files.path}/apart-cloned`];
    mkdirSync(from);
    writeFileSync(`${from}/file`, Buffer.alloc(100_000, "a"));
    clone(from, to);
    writeFileSync(`${to}/file`, "b", { flag: "r+" });
    writeFileSync(`${from}/file`, "c", { flag: "r+" });
    expect(readFileSync(`${from}/file`, "utf8")).toBe(`c${"a".repeat(99_999)}`);
    expect(readFileSync(`${to}/file`, "utf8")).toBe(`b${"a".repeat(99_999)}`);
  });

  test("has every one of many files and folders", () => {
    const [from, to] = [`${files.path}/many`, `${files.path}/many-cloned`];
    for (let at = 0; at < 60; at++) {
      mkdirSync(`${from}/${at}/a/b`, { recursive: true });
      for (let file = 0; file < 10; file++) writeFileSync(`${from}/${at}/a/b/${file}`, `${at} ${file}`);
      if (at > 0) linkSync(`${from}/0/a/b/0`, `${from}/${at}/a/same`);
    }
    clone(from, to);
    expect(factsOf(to)).toBe(factsOf(from));
    expect(statSync(`${to}/0/a/b/0`).nlink).toBe(60);
  });

  test("shares its content where the file system can, and its usage says so", async () => {
    const [from, to] = [`${files.path}/shared`, `${files.path}/shared-cloned`];
    mkdirSync(from);
    const size = 8 * 1024 * 1024;
    writeFileSync(`${from}/file`, Buffer.alloc(size, "x"));
    const before = await files.used();
    clone(from, to);
    const taken = (await files.used()) - before;
    const usage = JSON.parse(run("usage", to).stdout) as { inodes: number; size: number };
    expect(usage.inodes).toBe(2);
    if (type === "ext4") {
      expect(taken).toBeGreaterThanOrEqual(size);
      expect(usage.size).toBeGreaterThanOrEqual(size);
    } else {
      expect(taken).toBeLessThan(size / 8);
      expect(usage.size).toBeLessThan(size / 8);
    }
    writeFileSync(`${to}/file`, Buffer.alloc(1024 * 1024, "y"), { flag: "r+" });
    await files.used();
    const { size: grown } = JSON.parse(run("usage", to).stdout) as { size: number };
    expect(grown).toBeGreaterThanOrEqual(1024 * 1024);
  });

  test("keeps the flags that forbid changes, and is removed nevertheless", () => {
    const [from, to] = [`${files.path}/flags`, `${files.path}/flags-cloned`];
    mkdirSync(`${from}/locked`, { recursive: true });
    writeFileSync(`${from}/locked/file`, "x");
    writeFileSync(`${from}/log`, "x");
    execFileSync("chattr", ["+a", `${from}/log`]);
    execFileSync("chattr", ["+i", `${from}/locked/file`, `${from}/locked`]);
    clone(from, to);
    const flags = (path: string) =>
      execFileSync("lsattr", ["-d", path], { encoding: "utf8" }).split(" ")[0] ?? "";
    expect([flags(`${to}/log`), flags(`${to}/locked`), flags(`${to}/locked/file`)]).toEqual([
      expect.stringContaining("a"),
      expect.stringContaining("i"),
      expect.stringContaining("i"),
    ]);
    for (const tree of [from, to]) expect(run("remove", tree)).toMatchObject({ status: 0, stderr: "" });
  });
});

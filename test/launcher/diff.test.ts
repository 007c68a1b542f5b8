import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { launcher } from "./launcher_under_test.ts";

let folder: string;
let lower: string;
let upper: string;
let cloned: string;

beforeEach(() => {
  folder = mkdtempSync("/tmp/rund-diff-");
  [lower, upper] = [`${folder}/lower`, `${folder}/upper`];
  mkdirSync(lower);
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Makes the upper tree like the lower one, from which it then differs by what a test does. */
function cloneLower(): void {
  const { stdout } = spawnSync(launcher, ["clone", lower, upper], { encoding: "utf8" });
  ({ cloned } = JSON.parse(stdout) as { cloned: string });
}

function diff(...args: string[]): Buffer {
  const { status, stdout, stderr } = spawnSync(launcher, ["diff", ...args], { maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(String(stderr));
  return stdout;
}

/** The layer of the two trees, which has to be the same with and without what is known of the clone. */
function layer(...args: string[]): Buffer {
  const plain = diff("--lower", lower, "--upper", upper, ...args);
  expect(diff("--lower", lower, "--upper", upper, "--cloned", cloned, ...args).equals(plain)).toBe(true);
  return plain;
}

interface Entry {
  readonly name: string;
  readonly type: string;
  readonly [field: string]: unknown;
}

/** What another reader finds in an archive. */
function entriesOf(archive: Buffer): Entry[] {
  const script = `
import io, json, sys, tarfile
archive = tarfile.open(fileobj=io.BytesIO(sys.stdin.buffer.read()))
print(json.dumps([{"name": m.name, "type": m.type.decode(), "mode": m.mode, "uid": m.uid, "gid": m.gid, "size": m.size,
  "mtime": m.mtime, "link": m.linkname, "uname": m.uname, "device": [m.devmajor, m.devminor], "pax": m.pax_headers,
  "text": archive.extractfile(m).read(64).decode() if m.isreg() else ""} for m in archive]))`;
  return JSON.parse(execFileSync("python3", ["-c", script], { input: archive, encoding: "utf8" })) as Entry[];
}

function namesIn(archive: Buffer): string[] {
  return entriesOf(archive).map(({ name, type, link }) => (type === "1" ? `${name} => ${link}` : name));
}

describe("diff", () => {
  test("of trees that are alike is an empty archive", () => {
    mkdirSync(`${lower}/a/b`, { recursive: true });
    writeFileSync(`${lower}/a/b/file`, "x");
    linkSync(`${lower}/a/b/file`, `${lower}/linked`);
    symlinkSync("a", `${lower}/link`);
    cloneLower();
    expect(layer().equals(Buffer.alloc(1024))).toBe(true);
  });

  test("has what was added, changed and removed, with the folders that lead there", () => {
    for (const name of ["kept", "changed", "gone"]) {
      mkdirSync(`${lower}/${name}/deep`, { recursive: true });
      writeFileSync(`${lower}/${name}/deep/file`, name);
    }
    cloneLower();
    writeFileSync(`${upper}/changed/deep/file`, "changed now");
    writeFileSync(`${upper}/changed/new`, "new");
    rmSync(`${upper}/gone`, { recursive: true });
    const entries = entriesOf(layer());
    expect(entries.map(({ name }) => name)).toEqual([
      "changed",
      "changed/deep",
      "changed/deep/file",
      "changed/new",
      ".wh.gone",
    ]);
    expect(entries.at(-1)).toMatchObject({ type: "0", size: 0, mtime: 0, mode: 0 });
    expect(entries.map(({ text }) => text)).toEqual(["", "", "changed now", "new", ""]);
  });

  test("sees a change of content that time and size do not show", () => {
    for (const name of ["same", "other"]) {
      writeFileSync(`${lower}/${name}`, "before");
      utimesSync(`${lower}/${name}`, 1_000_000, 1_000_000);
    }
    cloneLower();
    writeFileSync(`${upper}/other`, "after.");
    utimesSync(`${upper}/other`, 1_000_000, 1_000_000);
    // Written again with the same: whoever compares only times would take it for a change.
    writeFileSync(`${upper}/same`, "before");
    utimesSync(`${upper}/same`, 1_000_000, 1_000_000);
    expect(namesIn(layer())).toEqual(["other"]);
  });

  test("sees owners, modes, times and attributes", () => {
    for (const name of ["owner", "mode", "time", "attribute", "none"]) writeFileSync(`${lower}/${name}`, "");
    mkdirSync(`${lower}/folder`);
    cloneLower();
    chownSync(`${upper}/owner`, 3_000_000, 7);
    chmodSync(`${upper}/mode`, 0o4711);
    utimesSync(`${upper}/time`, 1, 2.5);
    chmodSync(`${upper}/folder`, 0o1777);
    const script = "import os, sys; os.setxattr(sys.argv[1], 'user.name', b'a=b\\n\\0c')";
    execFileSync("python3", ["-c", script, `${upper}/attribute`]);
    const entries = entriesOf(layer());
    expect(entries.map(({ name }) => name)).toEqual(["attribute", "folder", "mode", "owner", "time"]);
    expect(entries[0]?.["pax"]).toEqual({ "SCHILY.xattr.user.name": "a=b\n\0c" });
    expect(entries[1]).toMatchObject({ type: "5", mode: 0o1777 });
    expect(entries[2]).toMatchObject({ mode: 0o4711 });
    expect(entries[3]).toMatchObject({ uid: 3_000_000, gid: 7, uname: "" });
    expect(entries[4]).toMatchObject({ mtime: 2 });
  });

  test("keeps names of one file together, also those that did not change themselves", () => {
    mkdirSync(`${lower}/a`);
    writeFileSync(`${lower}/a/one`, "one");
    linkSync(`${lower}/a/one`, `${lower}/two`);
    cloneLower();
    linkSync(`${upper}/two`, `${upper}/b`);
    writeFileSync(`${upper}/x`, "x");
    linkSync(`${upper}/x`, `${upper}/y`);
    expect(namesIn(layer())).toEqual(["b", "a/one => b", "two => b", "x", "y => x"]);
  });

  test("replaces folders by files and files by folders", () => {
    mkdirSync(`${lower}/folder/deep`, { recursive: true });
    writeFileSync(`${lower}/file`, "file");
    cloneLower();
    rmSync(`${upper}/folder`, { recursive: true });
    writeFileSync(`${upper}/folder`, "now a file");
    rmSync(`${upper}/file`);
    mkdirSync(`${upper}/file/deep`, { recursive: true });
    expect(namesIn(layer())).toEqual(["file", "file/deep", "folder"]);
  });

  test("has links, devices and fifos, and no sockets", () => {
    cloneLower();
    symlinkSync(`/${"long/".repeat(40)}`, `${upper}/link`);
    execFileSync("mknod", [`${upper}/device`, "b", "7", "300"]);
    execFileSync("mkfifo", [`${upper}/fifo`]);
    const socket = "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])";
    execFileSync("python3", ["-c", socket, `${upper}/socket`]);
    expect(entriesOf(layer())).toMatchObject([
      { name: "device", type: "4", device: [7, 300] },
      { name: "fifo", type: "6" },
      { name: "link", type: "2", link: `/${"long/".repeat(40)}` },
    ]);
    // Nor is one missed.
    expect(diff("--lower", upper, "--upper", lower).toString()).not.toContain(".wh.socket");
  });

  test("has names of any length and script", () => {
    const long = `${"n".repeat(200)}/${"ä".repeat(100)}`;
    cloneLower();
    mkdirSync(`${upper}/${long}`, { recursive: true });
    writeFileSync(`${upper}/${long}/file`, "found");
    writeFileSync(`${upper}/line\nbreak`, "");
    expect(namesIn(layer())).toEqual(["line\nbreak", "n".repeat(200), long, `${long}/file`]);
  });

  test("is the same for the same trees; no time in it is later than it may be", () => {
    cloneLower();
    for (let at = 0; at < 50; at++) writeFileSync(`${upper}/${at}`, `${at}`.repeat(at * 10));
    const first = layer("--latest", "1000");
    expect(new Set(entriesOf(first).map(({ mtime }) => mtime))).toEqual(new Set([1000]));
    const again = `${folder}/again`;
    spawnSync(launcher, ["clone", upper, again]);
    expect(diff("--lower", lower, "--upper", again, "--latest", "1000").equals(first)).toBe(true);
  });

  test("makes the newer tree of the older one again", () => {
    execFileSync("cp", ["-a", "/etc", `${lower}/etc`]);
    cloneLower();
    writeFileSync(`${upper}/etc/passwd`, "changed");
    rmSync(`${upper}/etc/group`);
    mkdirSync(`${upper}/etc/new/er`, { recursive: true });
    writeFileSync(`${folder}/layer.tar`, layer());
    execFileSync("tar", ["-C", lower, "-xpf", `${folder}/layer.tar`]);
    const whiteouts = execFileSync("find", [lower, "-name", ".wh.*"], { encoding: "utf8" })
      .trim()
      .split("\n");
    expect(whiteouts).toEqual([`${lower}/etc/.wh.group`]);
    for (const gone of [`${lower}/etc/.wh.group`, `${lower}/etc/group`]) rmSync(gone);
    execFileSync("diff", ["-r", "--no-dereference", lower, upper]);
    expect(readFileSync(`${lower}/etc/passwd`, "utf8")).toBe("changed");
  });

  test("refuses a name that would remove another file, and says what it cannot read", () => {
    cloneLower();
    mkdirSync(`${upper}/deep`);
    writeFileSync(`${upper}/deep/.wh.file`, "");
    expect(() => diff("--upper", upper)).toThrow(`EINVAL ${upper}/deep/.wh.file: invalid argument`);
    expect(() => diff("--upper", `${folder}/none`)).toThrow("no such file or directory");
    expect(spawnSync(launcher, ["diff", "--upper"]).status).toBe(64);
    expect(spawnSync(launcher, ["diff", "--upper", upper, "--cloned", "12"]).status).toBe(64);
  });
});

import { execFileSync } from "node:child_process";
import { chownSync, linkSync, utimesSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseList } from "../../../src/image/image_list.ts";
import { planImage } from "../../../src/image/image_plan.ts";
import { fill, sandbox, walked } from "./support/image_sandbox.ts";

describe("the way through a layer", () => {
  it("has folders before what is in them, and names in order", () => {
    const root = fill(sandbox(), { "b/z": "", "b/Z": "", "b/é": "", a: "", "b/.x": "", "b-c": "" });
    expect(walked("/", root).layers).toEqual({
      files: ["a", "b/", "b/.x", "b/Z", "b/z", "b/é", "b-c"],
    });
  });

  it("leads to what is listed, with the folders above it as they are on the host, but for their time", () => {
    const root = fill(sandbox(), { "a/b/c": "text", "a/b/d": "", "a/": 0o700 });
    chownSync(join(root, "a/b/c"), 7, 8);
    utimesSync(join(root, "a/b/c"), 1000, 1000);
    const { layers, entries } = walked("/a/b/c", root);
    expect(layers).toEqual({ files: ["a/", "a/b/", "a/b/c"] });
    expect(entries[0]).toMatchObject({ mode: 0o700, mtime: 0 });
    expect(entries[2]).toMatchObject({ uid: 7, gid: 8, mtime: 1000, size: 4 });
  });

  it("takes links among the folders above a path along", () => {
    const root = fill(sandbox(), {
      "private/etc/ssl/cert": "",
      "etc -> private/etc": "",
      "usr/bin/sh": "",
      "bin -> /usr/bin": "",
      "up/down -> ../usr": "",
    });
    expect(walked("/etc/ssl\n/bin/sh\n/up/down/bin/sh", root).layers).toEqual({
      files: [
        "bin -> /usr/bin",
        "etc -> private/etc",
        "private/",
        "private/etc/",
        "private/etc/ssl/",
        "private/etc/ssl/cert",
        "up/",
        "up/down -> ../usr",
        "usr/",
        "usr/bin/",
        "usr/bin/sh",
      ],
    });
  });

  it("follows no link that is named itself, and none out of the folder", () => {
    const root = fill(sandbox(), { "etc/x": "", "a -> etc": "", "out -> ../../../../etc": "" });
    expect(walked("/a", root).layers).toEqual({ files: ["a -> etc"] });
    expect(walked("/out/x", root).layers["files"]).toContain("etc/x");
  });

  it("goes through links that the list makes", () => {
    const root = fill(sandbox(), { "private/var/db/zone": "" });
    expect(walked("/var/db/zone\n/var -> private/var", root).layers).toEqual({
      files: ["private/", "private/var/", "private/var/db/", "private/var/db/zone", "var -> private/var"],
    });
  });

  it("gives a path to the line that names it most closely, whichever comes first", () => {
    const root = fill(sandbox(), { "s/big/1": "", "s/big/deep/2": "", "s/small": "" });
    expect(walked("[a]\n/s\n[b]\n/s/big", root).layers).toEqual({
      a: ["s/", "s/small"],
      b: ["s/big/", "s/big/1", "s/big/deep/", "s/big/deep/2"],
    });
    expect(walked("[b]\n/s/big/deep\n[a]\n/s", root).layers).toEqual({
      b: ["s/", "s/big/", "s/big/deep/", "s/big/deep/2"],
      a: ["s/big/1", "s/small"],
    });
  });

  it("merges folders that are given one place, of files the later counts", () => {
    const root = fill(sandbox(), {
      "one/a": "1",
      "one/sub/x": "1",
      "two/a": "22",
      "two/sub/y": "2",
      "two/b": "2",
    });
    const { layers, entries } = walked("/both <- /one\n/both <- /two", root);
    expect(layers).toEqual({ files: ["both/", "both/a", "both/b", "both/sub/", "both/sub/x", "both/sub/y"] });
    expect(entries.find(({ path }) => path === "both/a")).toMatchObject({ size: 2 });
  });

  it("makes what the list makes, for root and without a time", () => {
    const { layers, entries } = walked("+/tmp/ 1777\n+/x/.here\n/etc -> private/etc", sandbox());
    expect(layers).toEqual({ files: ["etc -> private/etc", "tmp/", "x/", "x/.here"] });
    expect(entries[1]).toMatchObject({ mode: 0o1777, uid: 0, mtime: 0 });
  });

  it("leaves out what patterns match, but not what a line names", () => {
    const root = fill(sandbox(), {
      "p/a.pyc": "",
      "p/q/b.pyc": "",
      "p/q/c.py": "",
      "m/man/1": "",
      "m/man/2": "",
    });
    expect(walked("/p\n/m\n/m/man/2\n-*.pyc\n-/m/man/1", root).layers).toEqual({
      files: ["m/", "m/man/", "m/man/2", "p/", "p/q/", "p/q/c.py"],
    });
    expect(walked("/m\n/m/man/2\n-/m/man", root).layers).toEqual({ files: ["m/", "m/man/", "m/man/2"] });
    expect(walked("/p\n/m\n-/m/man\n-q/", root).layers).toEqual({ files: ["m/", "p/", "p/a.pyc"] });
  });

  it("writes a file with several names once in each layer", () => {
    const root = fill(sandbox(), { "a/1": "text", "b/": "" });
    linkSync(join(root, "a/1"), join(root, "a/2"));
    linkSync(join(root, "a/1"), join(root, "b/3"));
    expect(walked("[a]\n/a\n[b]\n/b", root).layers).toEqual({
      a: ["a/", "a/1", "a/2 == a/1"],
      b: ["b/", "b/3"],
    });
  });

  it("takes fifos, leaves sockets out, and names what no layer can have", async () => {
    const root = fill(sandbox(), { ".wh.gone": "", fine: "" });
    execFileSync("mkfifo", [join(root, "fifo")]);
    const server = createServer().listen(join(root, "socket"));
    await new Promise((resolve) => server.once("listening", resolve));
    const { layers, leftOut, problems } = walked("/", root);
    server.close();
    expect(layers).toEqual({ files: ["fifo", "fine"] });
    expect(leftOut).toEqual(["/socket"]);
    expect([...problems.keys()]).toEqual(["/.wh.gone"]);
  });

  it("stays on the file system of what is listed: what is mounted there is an empty folder", () => {
    const { entries, leftOut } = walked("/dev", "/");
    expect(entries.map(({ path }) => path)).toContain("dev/pts");
    expect(leftOut).toContain("/dev/null");
    expect(leftOut).not.toContain("/dev/pts/ptmx");
    expect(walked("/dev/pts", "/").leftOut).toContain("/dev/pts/ptmx");
  });
});

describe("a plan", () => {
  it("names all paths that are missing, but for those that may be", () => {
    const root = fill(sandbox(), { here: "" });
    const list = parseList("/here\n/gone\n?/may/be\n/a <- /nowhere", "list");
    expect(() => planImage(list, root)).toThrow(`/gone, /nowhere: no such file or directory in ${root}`);
  });

  it("does not follow links in a circle", () => {
    const root = fill(sandbox(), { "a -> b": "", "b -> a": "" });
    expect(() => planImage(parseList("/a/x", "list"), root)).toThrow("too many levels of symbolic links");
  });
});

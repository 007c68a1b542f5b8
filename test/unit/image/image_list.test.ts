import { describe, expect, it } from "vitest";
import { joinLists, parseList } from "../../../src/image/image_list.ts";

const entries = (text: string) => parseList(text, "my.list").entries;

describe("a list", () => {
  it("names files and folders, each in the layer of the heading above it", () => {
    expect(entries("# a comment\n/bin/sh\n\n[more]\n  /usr/lib/  \n?/opt/x\n")).toEqual([
      { kind: "copy", path: "/bin/sh", layer: "files", source: undefined, isOptional: false },
      { kind: "copy", path: "/usr/lib", layer: "more", source: undefined, isOptional: false },
      { kind: "copy", path: "/opt/x", layer: "more", source: undefined, isOptional: true },
    ]);
  });

  it("takes files from elsewhere", () => {
    expect(entries("/a <- /b/c\n?/d e <- /f g")).toMatchObject([
      { path: "/a", source: "/b/c", isOptional: false },
      { path: "/d e", source: "/f g", isOptional: true },
    ]);
  });

  it("makes links, folders and files", () => {
    expect(entries("/etc -> private/etc\n+/tmp/ 1777\n+/dev/\n+/x/.empty")).toEqual([
      { kind: "link", path: "/etc", target: "private/etc", layer: "files" },
      { kind: "folder", path: "/tmp", mode: 0o1777, layer: "files" },
      { kind: "folder", path: "/dev", mode: 0o755, layer: "files" },
      { kind: "file", path: "/x/.empty", layer: "files" },
    ]);
  });

  it("has patterns of what is left out and of what must be there", () => {
    const list = parseList("-*.pyc\n- /usr/share/man\n!/lib/*", "my.list");
    expect(list).toEqual({ entries: [], excluded: ["*.pyc", "/usr/share/man"], required: ["/lib/*"] });
  });

  it("keeps paths in the image", () => {
    expect(entries("/../../etc/./x")).toMatchObject([{ path: "/etc/x" }]);
  });

  it.each([
    ["bin/sh", "bin/sh: must begin with a slash"],
    ["/a <- b", "b: must begin with a slash"],
    ["+/tmp/ 99", "/tmp/ 99"],
    ["-", "-: needs a pattern"],
    ["+x", "x: must begin with a slash"],
  ])("is refused with the number of its line: %s", (line, reason) => {
    const read = () => entries(`/bin/sh\n${line}`);
    if (line === "+/tmp/ 99") expect(read()).toMatchObject([{}, { kind: "file", path: reason }]);
    else expect(read).toThrow(`my.list: line 2: ${reason}`);
  });

  it("can be joined with others", () => {
    const joined = joinLists([parseList("/a\n-x", "1"), parseList("/b\n!y", "2")]);
    expect(joined).toMatchObject({
      entries: [{ path: "/a" }, { path: "/b" }],
      excluded: ["x"],
      required: ["y"],
    });
  });
});

import { describe, expect, it } from "vitest";
import { parseMountinfo } from "../../../src/platform/mountinfo.ts";

describe("parseMountinfo", () => {
  it("reads a line with optional fields and one without", () => {
    const text = [
      "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:2 - ext3 /dev/root rw,errors=continue",
      "43 27 0:39 / /data ro,relatime - fuse.bindfs /src rw,user_id=0",
      "",
    ].join("\n");
    expect(parseMountinfo(text)).toEqual([
      { id: 36, parent: 35, target: "/mnt2", type: "ext3", source: "/dev/root", options: ["rw", "noatime"] },
      {
        id: 43,
        parent: 27,
        target: "/data",
        type: "fuse.bindfs",
        source: "/src",
        options: ["ro", "relatime"],
      },
    ]);
  });

  it("takes octal escapes back, also of a backslash before digits", () => {
    const [entry] = parseMountinfo("1 2 0:1 / /a\\040b\\011c\\012d\\134040 rw - tmpfs with\\040space rw\n");
    expect(entry?.target).toBe("/a b\tc\nd\\040");
    expect(entry?.source).toBe("with space");
  });

  it("takes a dash among the optional fields' place only as the separator", () => {
    const [entry] = parseMountinfo("1 2 0:1 / /- rw - tmpfs - rw\n");
    expect(entry).toMatchObject({ target: "/-", type: "tmpfs", source: "-" });
  });

  it.each(["", "garbage", "1 2 0:1 / /x rw shared:1", "- - - - - -"])("leaves out %j", (line) => {
    expect(parseMountinfo(line)).toEqual([]);
  });
});

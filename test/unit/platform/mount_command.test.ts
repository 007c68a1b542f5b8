import { describe, expect, it } from "vitest";
import { parseMountCommand } from "../../../src/platform/mount_command.ts";

describe("parseMountCommand", () => {
  it("reads what macOS prints", () => {
    const text = [
      "/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)",
      "devfs on /dev (devfs, local, nobrowse)",
      "/Users/me/src on /private/d/vfs/dir/1/data (macfuse, nodev, nosuid, synchronous, mounted by root)",
      "",
    ].join("\n");
    expect(parseMountCommand(text)).toEqual([
      {
        source: "/dev/disk3s1s1",
        target: "/",
        type: "apfs",
        options: ["sealed", "local", "read-only", "journaled"],
      },
      { source: "devfs", target: "/dev", type: "devfs", options: ["local", "nobrowse"] },
      {
        source: "/Users/me/src",
        target: "/private/d/vfs/dir/1/data",
        type: "macfuse",
        options: ["nodev", "nosuid", "synchronous", "mounted by root"],
      },
    ]);
  });

  it("keeps parentheses, spaces and ` on ` in a target", () => {
    const [entry] = parseMountCommand("bindfs on /Volumes/on (1) on x (nfs, nodev)\n");
    expect(entry).toEqual({
      source: "bindfs",
      target: "/Volumes/on (1) on x",
      type: "nfs",
      options: ["nodev"],
    });
  });

  it.each(["", "mount: permission denied", "x on relative (apfs)"])("leaves out %j", (line) => {
    expect(parseMountCommand(line)).toEqual([]);
  });
});

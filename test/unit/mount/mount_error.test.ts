import { constants } from "node:os";
import { describe, expect, it } from "vitest";
import { Code } from "../../../src/common/error.ts";
import { launcherError, mountError } from "../../../src/mount/mount_error.ts";

const { errno } = constants;

describe("mountError", () => {
  it.each([
    [
      0,
      "/data",
      "bind source path does not exist: /x",
      Code.invalidArgument,
      "mount /data: bind source path does not exist: /x",
    ],
    [errno.EOPNOTSUPP, "/t", 'option "tmpcopyup"', Code.invalidArgument, 'mount /t: option "tmpcopyup"'],
    [
      errno.ENOSPC,
      "/t",
      "mount point: no space left on device",
      Code.resourceExhausted,
      "mount /t: mount point: no space left on device",
    ],
    [
      errno.ENOTDIR,
      "/t",
      "mount point: not a directory",
      Code.internal,
      "mount /t: mount point: not a directory",
    ],
    [errno.EBUSY, "root", "belongs to another", Code.failedPrecondition, "root: belongs to another"],
    [0, "root", "is the host's own root", Code.invalidArgument, "root: is the host's own root"],
    [0, "bundle", "in use", Code.failedPrecondition, "bundle: in use"],
  ])("maps errno %i of %s", (number, subject, text, code, message) => {
    const error = mountError({ errno: number, subject, text });
    expect({ code: error.code, message: error.message }).toEqual({ code, message });
  });

  it("has a text for a launcher that was killed and for one that said nothing", () => {
    expect(mountError(launcherError({ status: -1, records: [] })).message).toBe("mount: took too long");
    expect(mountError(launcherError({ status: 64, records: [["note", "x"]] })).message).toBe(
      "mount: launcher failed with 64",
    );
  });
});

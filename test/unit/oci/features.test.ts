import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { features } from "../../../src/oci/features.ts";

/** The option words in the launcher's tables, beside the two that make a bind mount. */
function launcherWords(): string[] {
  const source = new URL("../../../src/jail/launcher/mount_options_linux.c", import.meta.url);
  const rows = readFileSync(source, "utf8").matchAll(/^ {4}\{"(\w+)",/gm);
  return [...rows].map((row) => row[1] ?? "");
}

describe("features", () => {
  it("lists the mount options that the launcher knows", () => {
    const known = [...launcherWords(), "bind", "rbind"].sort();
    expect(known.length).toBeGreaterThan(50);
    expect([...features("linux", "1").mountOptions].sort()).toEqual(known);
  });

  it("claims nothing that a jail has not", () => {
    expect(features("linux", "1").linux).toMatchObject({
      namespaces: [],
      seccomp: { enabled: false },
      mountExtensions: { idmap: { enabled: false } },
    });
  });

  it("names every hook, and the capabilities and memory policies that a spec of Linux may name", () => {
    const { hooks, linux } = features("linux", "1");
    expect(hooks).toEqual([
      ...["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"],
    ]);
    expect(linux?.capabilities).toHaveLength(41);
    expect(linux?.capabilities).toContain("CAP_SYS_ADMIN");
    expect(linux?.memoryPolicy.modes).toContain("MPOL_BIND");
  });

  it("names the annotations that change what rund does", () => {
    expect(features("darwin", "1").potentiallyUnsafeConfigAnnotations).toEqual(["dev.rund."]);
  });

  it("says nothing of Linux on macOS", () => {
    expect(features("darwin", "1")).not.toHaveProperty("linux");
    expect(features("darwin", "1").mountOptions).toEqual(["bind", "rbind", "ro", "rro", "rw"]);
  });
});

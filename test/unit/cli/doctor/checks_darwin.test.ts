import { beforeEach, describe, expect, it } from "vitest";
import { checkFuse } from "../../../../src/cli/doctor/check_fuse.ts";
import { checkLeftovers } from "../../../../src/cli/doctor/check_leftovers.ts";
import { checkLimits } from "../../../../src/cli/doctor/check_limits.ts";
import { checkSharedRegion } from "../../../../src/cli/doctor/check_shared_region.ts";
import { checkSip, readSip } from "../../../../src/cli/doctor/check_sip.ts";
import { checkSystem } from "../../../../src/cli/doctor/check_system.ts";
import { checkUser } from "../../../../src/cli/doctor/check_user.ts";
import type { Check, Finding } from "../../../../src/cli/doctor/finding.ts";
import { HostDouble } from "./host_double.ts";

let mac: HostDouble;

beforeEach(() => {
  mac = HostDouble.mac();
});

async function only(check: Check): Promise<Finding> {
  const [finding, ...others] = await check(mac);
  expect(others).toEqual([]);
  if (finding === undefined) throw new Error("no finding");
  return finding;
}

describe("csrutil's answer", () => {
  const custom = (filesystem: string) =>
    `System Integrity Protection status: unknown (Custom Configuration).\n\nConfiguration:\n\tApple Internal: disabled\n` +
    `\tKext Signing: enabled\n\tFilesystem Protections: ${filesystem}\n\tDebugging Restrictions: enabled\n`;

  it.each([
    ["System Integrity Protection status: enabled.\n", "on"],
    ["System Integrity Protection status: disabled.\n", "off"],
    [custom("disabled"), "off"],
    [custom("enabled"), "on"],
    [
      "System Integrity Protection status: enabled (Custom Configuration).\n\nConfiguration:\n\tFilesystem Protections: disabled\n",
      "off",
    ],
    ["", "unknown"],
    ["csrutil: failed to retrieve system integrity configuration.\n", "unknown"],
  ])("%j is %s", (text, state) => {
    expect(readSip(text)).toBe(state);
  });
});

describe("the doctor on a Mac", () => {
  it("says how protection is lowered, what that means, and how it is turned on again", async () => {
    expect(await only(checkSip)).toMatchObject({ level: "ok" });
    mac.answers.set("csrutil status", "System Integrity Protection status: enabled.\n");
    const { level, why, fix } = await only(checkSip);
    expect(level).toBe("problem");
    expect(why).toContain("syscall to map cache into shared region failed");
    expect(fix?.join("\n")).toMatch(
      /hold the power button[\s\S]*csrutil disable[\s\S]*lowers the protection[\s\S]*csrutil enable/,
    );
  });

  it("reads the system's version", async () => {
    expect(await only(checkSystem)).toMatchObject({ level: "ok", found: "macOS 15.7.2 (24G325), arm64" });
    mac.answers.set("sw_vers", "ProductName:\tMac OS X\nProductVersion:\t10.15.7\nBuildVersion:\t19H2\n");
    expect(await only(checkSystem)).toMatchObject({ level: "problem" });
  });

  it("wants root", async () => {
    expect(await only(checkUser)).toMatchObject({ level: "ok" });
    mac.uid = 501;
    expect(await only(checkUser)).toMatchObject({ level: "warning", fix: ["sudo rund doctor"] });
  });

  it("finds macFUSE and bindfs, and asks for what is too old or missing", async () => {
    expect((await checkFuse(mac)).map(({ id, level }) => [id, level])).toEqual([
      ["fuse", "ok"],
      ["bindfs", "ok"],
    ]);
    mac.answers.set("sw_vers -productVersion", "27.0\n");
    mac.answers.set("/opt/homebrew/bin/bindfs --version", "bindfs 1.17.2\n");
    expect((await checkFuse(mac)).map(({ level }) => level)).toEqual(["ok", "warning"]);
    mac.answers.set(
      "defaults read /Library/Filesystems/macfuse.fs/Contents/Info CFBundleShortVersionString",
      "5.2.0\n",
    );
    expect((await checkFuse(mac))[0]).toMatchObject({
      level: "problem",
      fix: ["brew upgrade --cask macfuse"],
    });
    mac.files.clear();
    expect((await checkFuse(mac)).map(({ level }) => level)).toEqual(["warning", "warning"]);
    mac.files.set("/usr/local/lib/libfuse-t.dylib", "");
    expect((await checkFuse(mac))[0]).toMatchObject({ level: "ok", found: "FUSE-T" });
  });

  it("counts open files and knows how long libraries stay", async () => {
    expect(await only(checkLimits)).toMatchObject({ level: "ok", found: "256 at first, up to 61440" });
    mac.answers.set("sysctl -n kern.maxfilesperproc", "4096\n");
    expect(await only(checkLimits)).toMatchObject({ level: "warning" });
    expect(await only(checkSharedRegion)).toMatchObject({
      level: "note",
      found: "stay mapped for 120 s after a jail's end",
    });
    mac.answers.set("sysctl -n vm.shared_region_destroy_delay", "5\n");
    expect(await only(checkSharedRegion)).toMatchObject({ level: "ok" });
  });

  it("finds mounts whose server is dead or hangs, by programs that may hang themselves", async () => {
    mac.answers.set(
      "/sbin/mount",
      "/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)\n" +
        "/Users/a/src on /private/var/run/jail/data (macfuse, nodev, nosuid, synchronous, mounted by root)\n" +
        "/Users/a/b on /private/dead one (macfuse, synchronous)\n" +
        "fuse-t:/bindfs on /private/slow (nfs, nodev, nosuid, mounted by a)\n" +
        "server:/home on /Volumes/home (nfs, automounted)\n",
    );
    mac.answers.set("/usr/bin/stat /private/var/run/jail/data", "ok");
    mac.answers.set("/usr/bin/stat /private/dead one", {
      kind: "ended",
      status: 1,
      stdout: "",
      stderr: "stat: /private/dead one: stat: Device not configured\n",
    });
    mac.answers.set("/usr/bin/stat /private/slow", { kind: "late" });
    expect(await only(checkLeftovers)).toMatchObject({
      level: "warning",
      found: "/private/dead one has lost its file server; /private/slow does not answer",
      fix: ["sudo umount -f '/private/dead one'", "sudo umount -f '/private/slow'"],
    });
    expect(mac.ran).not.toContain("/usr/bin/stat /Volumes/home");
  });
});

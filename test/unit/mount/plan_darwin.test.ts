import { describe, expect, it } from "vitest";
import { planMounts } from "../../../src/mount/plan_mounts.ts";
import type { MountOperation, MountRequest } from "../../../src/mount/types.ts";
import type { Mount } from "../../../src/oci/spec.ts";
import { ctrMounts, darwinMounts, dockerMounts, request } from "./specs.ts";

const folderRoot = [{ destination: "", type: "bind", source: "/img", options: ["rbind", "rw"] }];
const claim: MountOperation = ["claim", "/var/run/rund/roots", "/img", "/b/mounts.journal"];
const jail: MountOperation = ["jail", "/img"];

const folders: readonly MountOperation[] = [
  ["offer", "/private/tmp", "1777"],
  ["offer", "/private/var/folders", "755"],
];

function plan(fields: Partial<MountRequest> = {}) {
  const darwin = { platform: "darwin", driver: "bindfs", runtimeDirectory: "/var/run/rund" } as const;
  return planMounts(request({ ...darwin, dns: "", rootPath: "/img", ...fields }));
}

/** What is done after the root is there. */
function inside(mounts: readonly Mount[], fields: Partial<MountRequest> = {}): readonly MountOperation[] {
  return plan({ mounts, ...fields }).operations.slice(4);
}

function names(fields: Partial<MountRequest>): readonly string[] {
  return plan(fields).operations.map(([name, path]) => `${name} ${path}`);
}

function tmpfs(...options: readonly string[]): Mount {
  return { destination: "/cache", type: "tmpfs", source: "tmpfs", options };
}

function devfs(number: number): MountOperation {
  return ["tool", "/dev", "", "", "", `/b/mounts.tool-${number}.log`, "/sbin/mount_devfs", "devfs"];
}

describe("planMounts on macOS", () => {
  it("chroots into a folder as it is, for docker's and for containerd's requests", () => {
    expect(plan().operations.slice(0, 2)).toEqual([claim, jail]);
    expect(plan({ rootPath: "", rootfs: folderRoot }).operations.slice(0, 2)).toEqual([claim, jail]);
    expect(plan({ rootfs: folderRoot }).root).toBe("/img");
  });

  it("makes the folders for temporary files, before anything is mounted", () => {
    expect(plan().operations).toEqual([claim, jail, ...folders, devfs(0)]);
  });

  it("relays lookups of names to the host's service when all is mounted", () => {
    const { operations } = planMounts(
      request({ platform: "darwin", driver: "bindfs", rootPath: "/img", mounts: darwinMounts }),
    );
    const socket = "/var/run/mDNSResponder";
    expect(operations.at(-1)).toEqual(["dns", socket, socket, "/b/mounts.tool-1.log"]);
    const other = plan({ dns: "/run/other.sock" }).operations.at(-1);
    expect(other).toEqual(["dns", socket, "/run/other.sock", "/b/mounts.tool-1.log"]);
    expect(names({ dns: "" }).filter((name) => name.startsWith("dns"))).toEqual([]);
  });

  it("leaves lookups to a socket that the spec mounts there", () => {
    const own = { destination: "/private/var/run/mDNSResponder", type: "bind", source: "/own.sock" };
    expect(names({ dns: "/s", mounts: [own] }).filter((name) => name.startsWith("dns"))).toEqual([]);
  });

  it("has room for the socket in a read-only root, unless the spec has mounted something", () => {
    const asked = { dns: "/s", readonlyRoot: true };
    expect(names(asked)).toEqual([
      ...["claim /var/run/rund/roots", "jail /img", "offer /private/tmp", "offer /private/var/folders"],
      ...["ensure /var/run", "ensure /dev", "base /", "serve /b/rootfs", "jail /b/rootfs"],
      ...["tool /var/run", "tool /dev", "dns /var/run/mDNSResponder"],
    ]);
    const theirs = { destination: "/private/var/run", type: "tmpfs", source: "tmpfs" };
    const found = names({ ...asked, mounts: [theirs] }).filter((name) => name.startsWith("tool"));
    expect(found).toEqual(["tool /private/var/run", "tool /dev"]);
  });

  it("mounts devfs by the system's own program, asked for or not", () => {
    expect(inside(darwinMounts)).toEqual([devfs(0)]);
    expect(inside([])).toEqual([devfs(0)]);
  });

  it("runs bindfs with what macOS needs, straight on the mount point", () => {
    const mounts = [
      { destination: "/data", type: "bind", source: "/src", options: ["rbind", "ro"] },
      { destination: "/work", type: "bind", source: "/work", options: ["nosuid", "nodev", "noexec"] },
    ];
    expect(inside(mounts, { bindfs: "/opt/bin/bindfs", fuse: "macfuse" })).toEqual([
      [
        ...["serve", "/data", "/src", "all", "ro", "/opt/bin/bindfs"],
        ...["", "/b/mounts.aside-0", "/b/mounts.bindfs-0.log"],
        ...["-f", "-r", "-o", "suid,dev,allow_recursion,nobrowse,noappledouble"],
      ],
      [
        ...["serve", "/work", "/work", "all", "rw", "/opt/bin/bindfs"],
        ...["", "/b/mounts.aside-1", "/b/mounts.bindfs-1.log"],
        ...["-f", "-o", "noexec,attr_timeout=0,allow_recursion,nobrowse,noappledouble"],
      ],
      devfs(2),
    ]);
  });

  it("tells FUSE-T's client not to remember what it saw", () => {
    const [serve] = inside([{ destination: "/data", type: "bind", source: "/src" }], { fuse: "fuse-t" });
    expect(serve?.at(-1)).toBe("suid,dev,attr_timeout=0,allow_recursion,nobrowse,noappledouble,noattrcache");
  });

  it("shows a read-only root through bindfs, in which everything stands already", () => {
    const { operations, root } = plan({ readonlyRoot: true, mounts: [...darwinMounts, tmpfs()] });
    expect(root).toBe("/b/rootfs");
    expect(
      operations.map(([name, path, , , access]) => [name, path, name === "serve" ? access : ""]),
    ).toEqual([
      ["claim", "/var/run/rund/roots", ""],
      ["jail", "/img", ""],
      ["offer", "/private/tmp", ""],
      ["offer", "/private/var/folders", ""],
      ["ensure", "/dev", ""],
      ["ensure", "/cache", ""],
      ["base", "/", ""],
      ["serve", "/b/rootfs", "ro"],
      ["jail", "/b/rootfs", ""],
      ["tool", "/dev", ""],
      ["tool", "/cache", ""],
    ]);
  });

  it("leaves out what only Linux has, and says so once", () => {
    const { operations, notes } = plan({ mounts: ctrMounts });
    expect(operations.slice(4).map(([name, path]) => `${name} ${path}`)).toEqual(["tool /dev", "tool /run"]);
    expect(operations[4]).toEqual(devfs(0));
    expect(notes).toEqual([
      "left out mounts that a jail cannot have: /proc (proc), /dev/pts (devpts), /dev/shm (tmpfs), /dev/mqueue (mqueue), /sys (sysfs)",
    ]);
  });

  it("leaves nothing in /dev to be made, which is the kernel's, and makes no device nodes", () => {
    const device = { path: "/own/kvm", type: "c", major: 10, minor: 232 };
    const found = names({ mounts: dockerMounts, devices: [device] });
    expect(found.filter((name) => name.includes("/dev"))).toEqual(["tool /dev"]);
    expect(found.filter((name) => /^(mount|bind|devices|node) /.test(name))).toEqual([]);
  });

  it.each<[string[], string, string[]]>([
    [[], "1777", []],
    [
      ["nosuid", "noexec", "nodev", "mode=755", "size=65536k"],
      "755",
      ["-o", "nosuid,nodev,noexec", "-s", "67108864"],
    ],
    [["size=2m", "size=1G"], "1777", ["-s", "1073741824"]],
    [["size=4096", "nr_inodes=10k"], "1777", ["-n", "10240", "-s", "4096"]],
    [["size=0"], "1777", []],
    [["size=50%"], "1777", []],
    [["ro", "rprivate", "strictatime"], "", ["-o", "rdonly"]],
  ])("makes a tmpfs of %j", (options, mode, args) => {
    const [operation] = inside([tmpfs(...options)]);
    expect(operation).toEqual([
      ...["tool", "/cache", mode, "", "", "/b/mounts.tool-0.log"],
      ...["/sbin/mount_tmpfs", ...args],
    ]);
  });

  it("gives a tmpfs the owner it is asked for", () => {
    expect(inside([tmpfs("uid=501", "gid=20", "mode=700")])[0]?.slice(2, 5)).toEqual(["700", "501", "20"]);
  });

  it.each([
    ["tmpcopyup", "mount /cache: option tmpcopyup is not possible on macOS"],
    ["size=much", "mount /cache: size=much: not a number"],
  ])("refuses a tmpfs with %s", (option, text) => {
    expect(() => plan({ mounts: [tmpfs(option)] })).toThrow(text);
  });

  it("refuses a root that only Linux can mount", () => {
    const rootfs = [{ destination: "", type: "overlay", source: "overlay", options: [] }];
    expect(() => plan({ rootfs })).toThrow("mount /b/rootfs: macOS has no overlay mounts");
  });

  it("says which paths it cannot mask", () => {
    const { notes, operations } = plan({ maskedPaths: ["/proc/kcore"], readonlyPaths: ["/proc/sys"] });
    expect(notes).toEqual(["macOS cannot mask or protect paths of a jail: /proc/kcore, /proc/sys"]);
    expect(operations.slice(4)).toEqual([devfs(0)]);
  });
});

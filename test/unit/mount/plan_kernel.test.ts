import { describe, expect, it } from "vitest";
import { planMounts } from "../../../src/mount/plan_mounts.ts";
import { ctrMounts, darwinMounts, dockerMounts, request } from "./specs.ts";

describe("planMounts with the kernel driver", () => {
  it("gives docker's mounted root a mount of its own and mounts its spec in order", () => {
    const plan = planMounts(request({ rootPath: "/d/merged", mounts: dockerMounts, readonlyRoot: true }));
    expect(plan.root).toBe("/b/rootfs");
    expect(plan.operations).toEqual([
      ["base", "/"],
      ["bind", "/b/rootfs", "/d/merged", "rbind", "rprivate"],
      ["jail", "/b/rootfs"],
      ["mount", "/proc", "proc", "proc", "nosuid", "noexec", "nodev"],
      ["mount", "/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"],
      ["devices", "/dev"],
      [
        ...["mount", "/dev/pts", "devpts", "devpts", "nosuid", "noexec"],
        ...["newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
      ],
      ["mount", "/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro"],
      ["mount", "/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"],
      ["bind", "/dev/shm", "/c/shm", "rbind", "rprivate"],
      ["bind", "/etc/resolv.conf", "/c/resolv.conf", "rbind", "rprivate"],
      ["bind", "/etc/hostname", "/c/hostname", "rbind", "rprivate"],
      ["bind", "/etc/hosts", "/c/hosts", "rbind", "rprivate"],
      ["bind", "/data", "/src", "rbind", "ro", "rprivate"],
      ["readonly"],
    ]);
    expect(plan.notes).toEqual(["left out mounts that a jail cannot have: /sys/fs/cgroup (cgroup)"]);
  });

  it("hides and protects paths when all is mounted, and before the root is read-only", () => {
    const paths = { maskedPaths: ["/proc/kcore"], readonlyPaths: ["/proc/sys"] };
    const plan = planMounts(request({ rootPath: "/r", readonlyRoot: true, ...paths }));
    expect(plan.operations.slice(-3)).toEqual([
      ["protect", "/proc/sys"],
      ["hide", "/proc/kcore"],
      ["readonly"],
    ]);
  });

  it("mounts what containerd says the root is made of, in order", () => {
    const overlay = ["index=off", "workdir=/s/2/work", "upperdir=/s/2/fs", "lowerdir=/s/1/fs"];
    const rootfs = [{ destination: "", type: "overlay", source: "overlay", options: overlay }];
    expect(planMounts(request({ rootPath: "rootfs", rootfs })).operations).toEqual([
      ["base", "/"],
      ["mount", "/b/rootfs", "overlay", "overlay", ...overlay, "private"],
      ["jail", "/b/rootfs"],
    ]);
    const bind = { destination: "", type: "bind", source: "/s/3/fs", options: ["rbind", "rw"] };
    expect(planMounts(request({ rootfs: [...rootfs, bind] })).operations.slice(1, 3)).toEqual([
      ["mount", "/b/rootfs", "overlay", "overlay", ...overlay, "private"],
      ["bind", "/b/rootfs", "/s/3/fs", "rbind", "rw", "rprivate"],
    ]);
  });

  it.each([
    ["", "/b/rootfs"],
    ["rootfs", "/b/rootfs"],
    ["../other", "/other"],
    ["/abs", "/abs"],
  ])("takes the root path %j for %s", (rootPath, source) => {
    expect(planMounts(request({ rootPath })).operations[1]).toEqual([
      "bind",
      "/b/rootfs",
      source,
      "rbind",
      "rprivate",
    ]);
  });

  it("plans every mount of ctr's spec", () => {
    const plan = planMounts(request({ rootPath: "rootfs", mounts: ctrMounts }));
    expect(plan.notes).toEqual([]);
    expect(
      plan.operations.filter(([name]) => name === "mount").map(([, destination]) => destination),
    ).toEqual(ctrMounts.map(({ destination }) => destination));
  });

  it("gives a spec made for macOS what Linux has for its devfs", () => {
    const names = planMounts(request({ mounts: darwinMounts }))
      .operations.slice(3)
      .map((fields) => fields.slice(0, 3));
    expect(names).toEqual([
      ["mount", "/dev", "tmpfs"],
      ["devices", "/dev"],
      ["mount", "/dev/pts", "devpts"],
    ]);
  });

  it("makes the spec's devices where they belong, without the type's bits that dockerd puts into the mode", () => {
    const devices = [
      { path: "/dev/fuse", type: "c", major: 10, minor: 229, fileMode: 0o020600, uid: 1, gid: 2 },
      { path: "/opt/null", type: "c", major: 1, minor: 3 },
    ];
    const { operations } = planMounts(request({ devices, mounts: dockerMounts.slice(0, 3) }));
    expect(operations.slice(5)).toEqual([
      ["devices", "/dev"],
      ["node", "/dev/fuse", "c", "10", "229", "384", "1", "2"],
      expect.arrayContaining(["/dev/pts"]),
      ["node", "/opt/null", "c", "1", "3", "438", "0", "0"],
    ]);
  });

  it.each([
    [{ destination: "/x", type: "none", source: "/s", options: ["rbind"] }, ["bind", "/x", "/s", "rbind"]],
    [{ destination: "/x", source: "s", options: ["bind"] }, ["bind", "/x", "/b/s", "bind"]],
    [{ destination: "x/", type: "tmpfs" }, ["mount", "/x", "tmpfs", "tmpfs"]],
    [{ destination: "/a/../x", type: "tmpfs" }, ["mount", "//a/../x", "tmpfs", "tmpfs"]],
  ])("plans %j", (mount, operation) => {
    expect(planMounts(request({ mounts: [mount] })).operations.at(-1)).toEqual(operation);
  });

  it.each([
    [{ destination: "/x", type: "cephfs" }, 'mount /x: unknown type "cephfs"'],
    [{ destination: "/x" }, 'mount /x: unknown type ""'],
    [{ destination: "/", type: "tmpfs" }, "mount /: the root itself"],
    [{ destination: "/x", type: "bind", source: "" }, "mount /x: bind without a source"],
  ])("refuses %j", (mount, message) => {
    expect(() => planMounts(request({ mounts: [mount] }))).toThrow(message);
  });

  it.each(["/", "//", "/x/.."])("refuses the host's root %j", (rootPath) => {
    expect(() => planMounts(request({ rootPath }))).toThrow("root: is the host's own root");
  });
});

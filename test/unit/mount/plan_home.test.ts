import { describe, expect, it } from "vitest";
import { planMounts } from "../../../src/mount/plan_mounts.ts";
import type { MountRequest } from "../../../src/mount/types.ts";
import type { Mount } from "../../../src/oci/spec.ts";
import { ctrMounts, dockerMounts, request } from "./specs.ts";

const home = {
  path: "/homes/70000/home",
  temporary: "/tmp",
  uid: 70_000,
  gid: 70_000,
  imageUid: 0,
  imageGid: 0,
  isReachable: (_: string) => false,
};
const map = "--map=0/70000:@0/@70000";
const overlay: Mount = {
  destination: "",
  type: "overlay",
  source: "overlay",
  options: ["workdir=/work", "upperdir=/up", "lowerdir=/low/1:/low/2"],
};

const plan = (fields: Partial<MountRequest> = {}) =>
  planMounts(request({ home, rootPath: "/img", ...fields }));
const temporary = ["folder", "/tmp", "700", "0", "0"];

/** Without the names of files and folders of rund's own. */
function shown(operations: readonly (readonly string[])[]) {
  return operations.map(([name, destination, source, , access, ...rest]) =>
    name === "serve" ? [name, destination, source, access, ...rest.slice(4)] : [name, destination],
  );
}

describe("planMounts for a home", () => {
  it.each(["kernel", "bindfs"] as const)("shows a folder by bindfs, with the %s driver too", (driver) => {
    const { root, operations } = plan({ driver });
    expect(root).toBe(home.path);
    expect(operations[2]).toEqual(temporary);
    expect(shown(operations)).toEqual([
      ["claim", "/run/rund/roots"],
      ["jail", "/img"],
      ["folder", "/tmp"],
      ["base", "/"],
      ["serve", home.path, "/img", "rw", "-f", "-o", "attr_timeout=0", map],
      ["jail", home.path],
    ]);
  });

  it("shows what the kernel has mounted, where the image is more than a folder", () => {
    const rootfs = [{ destination: "", type: "overlay", source: "overlay", options: ["lowerdir=/a"] }];
    expect(shown(plan({ rootfs }).operations)).toEqual([
      ["base", "/"],
      ["mount", "/b/rootfs"],
      ["jail", "/b/rootfs"],
      ["folder", "/tmp"],
      ["base", "/"],
      ["serve", home.path, "/b/rootfs", "rw", "-f", "-o", "attr_timeout=0", map],
      ["jail", home.path],
    ]);
  });

  it("maps the user of the image, and nothing where that is the jail's", () => {
    const argument = (imageUid: number, imageGid: number) =>
      plan({ home: { ...home, imageUid, imageGid } })
        .operations.find(([name]) => name === "serve")
        ?.at(-1);
    expect(argument(1000, 20)).toBe("--map=1000/70000:@20/@70000");
    expect(argument(70_000, 20)).toBe("--map=@20/@70000");
    expect(argument(70_000, 70_000)).toBe("attr_timeout=0");
  });

  it.each(["linux", "darwin"] as const)("leaves out what the host has itself: %s", (platform) => {
    const tmpfs: Mount = { destination: "/fast", type: "tmpfs", source: "tmpfs" };
    const otel: Mount = { destination: "/dev/otel.sock", type: "bind", source: "/otel.sock" };
    const mounts = [...ctrMounts, ...dockerMounts, otel, tmpfs];
    const operations = plan({
      mounts,
      platform,
      maskedPaths: ["/proc/keys"],
      readonlyPaths: ["/proc/sys"],
    }).operations;
    const last = operations.findLastIndex(([name]) => name === "jail");
    expect(operations.slice(last + 1).map(([name, destination]) => [name, destination])).toEqual([
      ["serve", "/data"],
      [platform === "linux" ? "mount" : "tool", "/fast"],
    ]);
  });

  it("shows volumes with the same owners, and neither set-uid programs nor devices", () => {
    const mounts = [{ destination: "/data", type: "bind", source: "/src", options: ["rbind", "ro"] }];
    expect(plan({ mounts }).operations.at(-1)?.slice(-3)).toEqual(["-f", "-r", map]);
    expect(plan({ mounts, platform: "darwin" }).operations.at(-1)?.slice(-5)).toEqual([
      "-f",
      "-r",
      "-o",
      "allow_recursion,nobrowse,noappledouble",
      map,
    ]);
  });

  it("leaves owners as they are in a volume that the user can write to and reach by its path", () => {
    const isReachable = (path: string) => path === "/src";
    const volume = (option: string) => {
      const mounts = [{ destination: "/data", type: "bind", source: "/src", options: ["rbind", option] }];
      return plan({ mounts, home: { ...home, isReachable } })
        .operations.at(-1)
        ?.at(-1);
    };
    expect(volume("rw")).toBe("attr_timeout=0");
    expect(volume("ro")).toBe(map);
  });

  it.each([
    ["/img", { rootPath: "/img" }],
    ["/b/rootfs", { rootfs: [{ destination: "", type: "overlay", source: "overlay" }] }],
    ["/low/2", { rootfs: [overlay] }],
    ["/up", { rootfs: [overlay] }],
  ])("refuses an image that the user can reach besides: %s", (path, fields) => {
    const isReachable = (asked: string) => asked === path;
    expect(() => plan({ ...fields, home: { ...home, isReachable } })).toThrow(
      `root: everybody can get to ${path}: a folder above it has to be closed to others (chmod o-x)`,
    );
  });

  it.each([
    ["a read-only root", { readonlyRoot: true }],
    [
      "a read-only root mount",
      { rootfs: [{ destination: "", type: "bind", source: "/img", options: ["ro"] }] },
    ],
  ])("refuses %s", (_what, fields) => {
    expect(() => plan(fields)).toThrow("root: a home cannot be read-only");
  });
});

import { describe, expect, it } from "vitest";
import { planMounts } from "../../../src/mount/plan_mounts.ts";
import type { MountOperation, MountRequest } from "../../../src/mount/types.ts";
import { dockerMounts, request } from "./specs.ts";

const claim: MountOperation = ["claim", "/run/rund/roots", "/img", "/b/mounts.journal"];
const folderRoot = [{ destination: "", type: "bind", source: "/img", options: ["rbind", "rw"] }];

function plan(fields: Partial<MountRequest> = {}): readonly MountOperation[] {
  return planMounts(request({ driver: "bindfs", ...fields })).operations;
}

/** Only what tells operations apart: names, destinations, and for bindfs the scope and access. */
function outline(operations: readonly MountOperation[]): string[] {
  return operations.map(([name, destination = "", , scope, access]) =>
    name === "serve" ? `${name} ${destination} ${scope} ${access}` : `${name} ${destination}`.trim(),
  );
}

describe("planMounts with the bindfs driver", () => {
  it.each([
    ["an absolute root path", { rootPath: "/img" }],
    ["a single read-write bind mount", { rootfs: folderRoot }],
  ])("uses %s as it is and claims it", (_, fields) => {
    expect(planMounts(request({ driver: "bindfs", ...fields })).root).toBe("/img");
    expect(plan(fields)).toEqual([claim, ["jail", "/img"]]);
  });

  it("shows binds by bindfs and leaves the kernel's own kinds to it", () => {
    expect(outline(plan({ rootPath: "/img", mounts: dockerMounts }))).toEqual([
      "claim /run/rund/roots",
      "jail /img",
      "mount /proc",
      "mount /dev",
      "devices /dev",
      "mount /dev/pts",
      "mount /sys",
      "mount /dev/mqueue",
      "serve /dev/shm all rw",
      "serve /etc/resolv.conf all rw",
      "serve /etc/hostname all rw",
      "serve /etc/hosts all rw",
      "serve /data all ro",
    ]);
  });

  it("prepares a folder before a read-only view of it, but not what is inside of other mounts", () => {
    const mounts = [dockerMounts[1], dockerMounts[2], dockerMounts[6], dockerMounts[9]].flatMap(
      (mount) => mount ?? [],
    );
    const operations = plan({ rootPath: "/img", readonlyRoot: true, mounts });
    expect(outline(operations)).toEqual([
      "claim /run/rund/roots",
      "jail /img",
      "ensure /dev",
      "serve /etc/hosts files rw",
      "base /",
      "serve /b/rootfs all ro",
      "jail /b/rootfs",
      "mount /dev",
      "devices /dev",
      "mount /dev/pts",
      "serve /dev/shm all rw",
      "serve /etc/hosts folders rw",
    ]);
  });

  it("takes a read-only bind for a read-only root, as snapshot views are", () => {
    const rootfs = [{ destination: "", type: "bind", source: "/img", options: ["rbind", "ro"] }];
    expect(outline(plan({ rootfs }))).toContain("serve /b/rootfs all ro");
  });

  it("serves the root too when told to", () => {
    expect(outline(plan({ rootPath: "/img", root: "bindfs" }))).toEqual([
      "claim /run/rund/roots",
      "base /",
      "serve /b/rootfs all rw",
      "jail /b/rootfs",
    ]);
  });

  it("leaves an overlay to the kernel", () => {
    const rootfs = [{ destination: "", type: "overlay", source: "overlay", options: ["lowerdir=/1:/2"] }];
    expect(outline(plan({ rootfs, readonlyRoot: true }))).toEqual([
      "base /",
      "mount /b/rootfs",
      "jail /b/rootfs",
      "readonly",
    ]);
  });

  it("gives each bindfs paths of its own, outside of the jail", () => {
    const paths = plan({ rootPath: "/img", mounts: dockerMounts })
      .filter(([name]) => name === "serve")
      .flatMap((fields) => fields.slice(6, 9));
    expect(new Set(paths).size).toBe(paths.length);
    expect(paths.filter((path) => !/^\/(b|run\/rund)\/mounts[./]/.test(path))).toEqual([]);
  });
});

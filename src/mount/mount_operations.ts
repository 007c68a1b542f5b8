import { posix } from "node:path";
import type { Device, Mount } from "../oci/spec.ts";
import { darwinOperation } from "./darwin_operations.ts";
import { isInside } from "./is_inside.ts";
import { mountKind } from "./mount_kind.ts";
import { hostPath, type PlanContext } from "./plan_context.ts";
import { serveOperation } from "./serve_operation.ts";
import type { MountOperation } from "./types.ts";

/**
 * The operations of one mount of the spec. `earlier` are the mounts before it; `prepared` says that the root is a
 * view in which files were placed and mount points made already.
 */
export function mountOperations(
  context: PlanContext,
  mount: Mount,
  earlier: readonly Mount[],
  prepared: boolean,
): MountOperation[] {
  const kind = mountKind(mount, context.platform);
  if (kind !== "bind" && context.platform === "darwin") return [darwinOperation(context, mount)];
  switch (kind) {
    case "bind":
      return [bindOperation(context, mount, prepared && !isInside(mount, earlier))];
    case "devfs":
      return devfsOperations(context, mount);
    default:
      return isDeviceFolder(mount) ? deviceFolderOperations(context, mount) : [filesystemOperation(mount)];
  }
}

function bindOperation(context: PlanContext, mount: Mount, prepared: boolean): MountOperation {
  if (context.driver === "bindfs") return serveOperation(context, mount, prepared ? "folders" : "all");
  return ["bind", mount.destination, hostPath(mount.source ?? "", context.bundle), ...(mount.options ?? [])];
}

function filesystemOperation(mount: Mount): MountOperation {
  const type = mount.type ?? "";
  return ["mount", mount.destination, type, mount.source || type, ...(mount.options ?? [])];
}

/** macOS's file system of that name; here what the Linux specification promises of /dev does its work. */
function devfsOperations(context: PlanContext, mount: Mount): MountOperation[] {
  const { destination } = mount;
  const terminals = posix.join(destination, "pts");
  const folder: MountOperation = ["mount", destination, "tmpfs", "tmpfs", ...deviceFolderOptions];
  const operations = [folder, ...deviceOperations(context, mount)];
  const asked = context.mounts.some((other) => posix.resolve("/", other.destination) === terminals);
  return asked ? operations : [...operations, ["mount", terminals, "devpts", "devpts", ...terminalOptions]];
}

const deviceFolderOptions = ["nosuid", "strictatime", "mode=755", "size=65536k"];
const terminalOptions = ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"];

function deviceFolderOperations(context: PlanContext, mount: Mount): MountOperation[] {
  return [filesystemOperation(mount), ...deviceOperations(context, mount)];
}

/** Linux images have an empty /dev, so an empty file system there has to be filled. */
function isDeviceFolder(mount: Mount): boolean {
  return mount.type === "tmpfs" && mount.destination === "/dev";
}

function deviceOperations(context: PlanContext, folder: Mount): MountOperation[] {
  const inside = context.devices.filter((device) => isDeviceInside(device, folder));
  return [["devices", folder.destination], ...inside.map(deviceOperation)];
}

/** The devices of the spec that are in no folder of devices that is mounted. macOS has all of its own in devfs. */
export function otherDevices(context: PlanContext, mounts: readonly Mount[]): MountOperation[] {
  if (context.platform === "darwin") return [];
  const folders = mounts.filter(
    (mount) => isDeviceFolder(mount) || mountKind(mount, context.platform) === "devfs",
  );
  const others = context.devices.filter(
    (device) => !folders.some((folder) => isDeviceInside(device, folder)),
  );
  return others.map(deviceOperation);
}

function isDeviceInside(device: Device, folder: Mount): boolean {
  return posix.normalize(device.path).startsWith(`${folder.destination}/`);
}

/** The permission bits of a mode; dockerd also sends those of the file's type. */
const permissionBits = 0o7777;

function deviceOperation(device: Device): MountOperation {
  const { path, type, major = 0, minor = 0, fileMode = 0o666, uid = 0, gid = 0 } = device;
  const numbers = [major, minor, fileMode & permissionBits, uid, gid];
  return ["node", path, type, ...numbers.map(String)];
}

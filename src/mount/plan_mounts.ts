import { posix } from "node:path";
import { Code, RundError } from "../common/error.ts";
import type { Mount } from "../oci/spec.ts";
import { darwinFolders, darwinMounts } from "./darwin_mounts.ts";
import { dnsMounts, dnsOperations } from "./dns_operations.ts";
import { homeMounts } from "./home_view.ts";
import { isInside } from "./is_inside.ts";
import { isBind, mountKind } from "./mount_kind.ts";
import { mountOperations, otherDevices } from "./mount_operations.ts";
import { journalPath } from "./mount_record.ts";
import { type PlanContext, planContext } from "./plan_context.ts";
import { planRoot } from "./plan_root.ts";
import { serveOperation } from "./serve_operation.ts";
import type { MountOperation, MountPlan, MountRequest } from "./types.ts";

/**
 * Decides what has to be done to the host for one jail; looks at nothing but the request.
 * Throws invalidArgument for a mount of an unknown type or on the root itself.
 */
export function planMounts(request: MountRequest): MountPlan {
  const context = planContext(request.home === undefined ? request : withoutRoot(request));
  const asked = request.mounts.map(withAbsoluteDestination);
  const { root, open, view, close } = planRoot(context);
  const prepared = view !== undefined;
  const mounts = systemMounts(context, asked, prepared);
  const used = mounts.filter((mount) => mountKind(mount, context.platform) !== "skipped");
  for (const mount of used) refuseUnknown(mount, context);
  const operations = [
    ...open,
    ...(context.platform === "darwin" && context.home === undefined ? darwinFolders : []),
    ...(prepared ? prepare(context, used) : []),
    ...(view ?? []),
    ...used.flatMap((mount, index) => mountOperations(context, mount, used.slice(0, index), prepared)),
    ...otherDevices(context, used),
    ...hiddenPaths(context),
    ...dnsOperations(context),
    ...close,
  ];
  return {
    root,
    journal: journalPath(context.folder),
    operations,
    notes: [...notes(context, mounts), ...hostNotes(context, asked)],
  };
}

/** What a home does not have: the host's devices and its DNS service are there, nothing of its paths can be hidden, and bindfs maps owners. */
function withoutRoot(request: MountRequest): MountRequest {
  return { ...request, driver: "bindfs", dns: "", devices: [], maskedPaths: [], readonlyPaths: [] };
}

function systemMounts(context: PlanContext, mounts: readonly Mount[], prepared: boolean): readonly Mount[] {
  if (context.home !== undefined) return homeMounts(mounts);
  if (context.platform !== "darwin") return mounts;
  return darwinMounts(prepared ? [...dnsMounts(context, mounts), ...mounts] : mounts);
}

/** Older specs allow a destination without the slash; it is relative to the root all the same. */
function withAbsoluteDestination(mount: Mount): Mount {
  const { destination } = mount;
  /** What `..` means depends on the links before it: that is left to the launcher, which walks it inside the root. */
  const plain = !destination.split("/").includes("..");
  return { ...mount, destination: plain ? posix.resolve("/", destination) : `/${destination}` };
}

function refuseUnknown(mount: Mount, { platform }: PlanContext): void {
  const subject = `mount ${mount.destination}`;
  if (mount.destination === "/") throw new RundError(Code.invalidArgument, `${subject}: the root itself`);
  if (isBind(mount) && !mount.source)
    throw new RundError(Code.invalidArgument, `${subject}: bind without a source`);
  if (mountKind(mount, platform) !== "unknown") return;
  throw new RundError(Code.invalidArgument, `${subject}: unknown type ${JSON.stringify(mount.type ?? "")}`);
}

/** What has to stand in the folder before a read-only view of it is mounted; inside of earlier mounts nothing has to. */
function prepare(context: PlanContext, mounts: readonly Mount[]): MountOperation[] {
  return mounts.flatMap((mount, index): MountOperation[] => {
    if (isInside(mount, mounts.slice(0, index))) return [];
    return isBind(mount) ? [serveOperation(context, mount, "files")] : [["ensure", mount.destination, ""]];
  });
}

/** macOS has no mount that hides a file; all mounts are there then, so that what they show is hidden too. */
function hiddenPaths({ platform, maskedPaths, readonlyPaths }: PlanContext): MountOperation[] {
  if (platform === "darwin") return [];
  const operation = (name: string) => (path: string) => [name, path] as const;
  return [...readonlyPaths.map(operation("protect")), ...maskedPaths.map(operation("hide"))];
}

/** What a home does not have, because the host has its own. */
function hostNotes({ home }: PlanContext, asked: readonly Mount[]): string[] {
  if (home === undefined) return [];
  const kept = homeMounts(asked);
  const names = asked.filter((mount) => !kept.includes(mount)).map(({ destination }) => destination);
  return names.length === 0 ? [] : [`left out mounts that are the host's own in a home: ${names.join(", ")}`];
}

function notes(context: PlanContext, mounts: readonly Mount[]): string[] {
  const { platform, maskedPaths, readonlyPaths } = context;
  const skipped = mounts.filter((mount) => mountKind(mount, platform) === "skipped");
  const names = skipped.map((mount) => `${mount.destination} (${mount.type})`);
  const open = platform === "darwin" ? [...maskedPaths, ...readonlyPaths] : [];
  return [
    ...(names.length === 0 ? [] : [`left out mounts that a jail cannot have: ${names.join(", ")}`]),
    ...(open.length === 0 ? [] : [`macOS cannot mask or protect paths of a jail: ${open.join(", ")}`]),
  ];
}

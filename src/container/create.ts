import { existsSync } from "node:fs";
import { Code, RundError } from "../common/error.ts";
import type { Logger } from "../common/log.ts";
import type { StdioUris } from "../io/stdio.ts";
import { applyMounts } from "../mount/apply_mounts.ts";
import { planMounts } from "../mount/plan_mounts.ts";
import type { HomeView, MountPlan } from "../mount/types.ts";
import { undoMounts } from "../mount/undo_mounts.ts";
import { type Bundle, loadBundle } from "../oci/bundle.ts";
import { assertHostUsers } from "../oci/id_mappings.ts";
import { leftOut } from "../oci/left_out.ts";
import { assertHostNetwork } from "../oci/network.ts";
import type { Mount, Process } from "../oci/spec.ts";
import { platform } from "../platform/platform.ts";
import { Container } from "./container.ts";
import type { ContainerContext } from "./container_context.ts";
import { ContainerProcess, type LocalConnection } from "./container_process.ts";
import { type Isolation, isolationOf } from "./isolation.ts";
import type { JailRecord } from "./jail.ts";
import { jailOf } from "./jail_of.ts";
import type { Settings } from "./settings.ts";
import { removeState, saveState } from "./state_file.ts";

/** What a client asks for. */
export interface CreateRequest {
  readonly id: string;
  /** Absolute path of the bundle. */
  readonly bundle: string;
  /** Absolute path of the container's own folder; the bundle when left out. */
  readonly folder?: string;
  /** The mounts that make the root file system; empty when the spec's `root.path` is the root already. */
  readonly rootfs: readonly Mount[];
  readonly uris: StdioUris;
  /** How the init hangs on this process, for one who is not served by the URIs. */
  readonly local?: LocalConnection;
  /** What the runtime's options say; the settings decide where they say nothing. */
  readonly isolation?: Isolation;
  /** Aborts when nobody waits for the container any more. */
  readonly signal?: AbortSignal;
}

/**
 * Makes a container: mounts its jail and brings its init to the launcher's gate, so that a missing program
 * fails here and the pid is known. When anything fails, all of it is taken back.
 */
export async function createContainer(
  request: CreateRequest,
  settings: Settings,
  context: ContainerContext,
): Promise<Container> {
  const bundle = loadBundle(request.bundle, request.folder);
  assertHostNetwork(bundle.spec, context.logger);
  assertHostUsers(bundle.spec);
  tellLeftOut(bundle, context.logger);
  const make = (home?: HomeView) => makeContainer(bundle, request, settings, context, home);
  const isolation = isolationOf(bundle.spec, request.isolation ?? settings.isolation);
  const container = await (isolation === "chroot"
    ? make()
    : makeWithUser(request.id, bundle, context.logger, make));
  try {
    await container.launchInit(request.rootfs);
  } catch (error) {
    await container.abandon();
    throw error;
  }
  return container;
}

/** What is missing there until the init is launched. */
async function makeContainer(
  bundle: Bundle,
  request: CreateRequest,
  settings: Settings,
  context: ContainerContext,
  home: HomeView | undefined,
): Promise<Container> {
  const plan = planJail(bundle, request, settings, home);
  const record = { root: plan.root, journal: plan.journal, ...(home && { uid: home.uid }) };
  const jail = await jailOf(record, bundle);
  const options = jail.launchOptions(initProcess(bundle));
  const { signal } = request;
  const owner = { ...context, folder: bundle.folder, ...(signal && { signal }) };
  const init = new ContainerProcess(request.id, request.uris, options, owner, request.local);
  await mountAndOpen(plan, record, init, bundle, context.logger);
  return new Container(bundle, init, jail, context);
}

/** Everything that only such a jail needs is loaded here. */
async function makeWithUser(
  id: string,
  bundle: Bundle,
  logger: Logger,
  make: (home: HomeView) => Promise<Container>,
): Promise<Container> {
  const { withHome } = await import("./user/with_home.ts");
  return withHome(id, bundle, logger, make);
}

/** Both take their time and need nothing of each other. When one fails, the other is taken back. */
async function mountAndOpen(
  plan: MountPlan,
  record: JailRecord,
  init: ContainerProcess,
  { path, folder }: Bundle,
  logger: Logger,
): Promise<void> {
  // The record is on disk before each step is taken: after a crash `delete` finds what may have been done.
  const bundle = path === folder ? {} : { bundle: path };
  const journal = () => saveState(folder, { containerId: init.id, ...bundle, pid: 0, mounts: record });
  const [mounting, opening] = await Promise.allSettled([applyMounts(plan, journal, logger), init.open()]);
  if (mounting.status === "fulfilled" && opening.status === "fulfilled") return;
  if (opening.status === "fulfilled") await init.discard();
  if (mounting.status === "fulfilled") await undoMounts(mounting.value, logger);
  // Where the journal is still there, something of it could not be taken back.
  if (!existsSync(plan.journal)) removeState(folder);
  throw mounting.status === "rejected" ? mounting.reason : (opening as PromiseRejectedResult).reason;
}

function tellLeftOut({ spec }: Bundle, logger: Logger): void {
  const names = leftOut(spec, platform().name);
  if (names.length > 0) logger.debug(`left out of the spec, a jail cannot have it: ${names.join(", ")}`);
}

function initProcess(bundle: Bundle): Process {
  const { process } = bundle.spec;
  if (process !== undefined) return process;
  throw new RundError(Code.invalidArgument, `${bundle.path}/config.json: process: missing`);
}

function planJail(
  { path, folder, spec }: Bundle,
  { rootfs }: CreateRequest,
  settings: Settings,
  home: HomeView | undefined,
): MountPlan {
  const { root, mounts, linux } = spec;
  return planMounts({
    bundle: path,
    folder,
    rootPath: root?.path ?? "",
    readonlyRoot: root?.readonly ?? false,
    rootfs,
    mounts: mounts ?? [],
    devices: linux?.devices ?? [],
    maskedPaths: linux?.maskedPaths ?? [],
    readonlyPaths: linux?.readonlyPaths ?? [],
    ...settings,
    ...(home && { home }),
  });
}

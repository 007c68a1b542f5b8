import type { TestProject } from "vitest/node";
import { busyboxRootfs } from "../../harness/busybox_rootfs.ts";
import { exists } from "../../harness/debian_suite.ts";
import { fetchPackages } from "../../harness/packages.ts";
import { shimFolder } from "../../harness/project_paths.ts";
import { TemporaryFolder } from "../../harness/temporary_folder.ts";

declare module "vitest" {
  interface ProvidedContext {
    runtime: ProvidedRuntime;
  }
}

/** What the tests of the command line share. */
export interface ProvidedRuntime {
  /** Temporary folder of the run, in which all bundles and all state are. */
  readonly folder: string;
  /** A busybox tree. Containers of both runtimes may use it at once, and none may write to it. */
  readonly rootfs: string;
  readonly rund: string;
  /** The yardstick. */
  readonly runc: string;
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const rund = `${shimFolder()}/rund`;
  if (!(await exists(rund))) throw new Error(`${rund}: not built, "npm run build" makes it`);
  const runc = `${await fetchPackages("runc")}/usr/sbin/runc`;
  const temporary = await TemporaryFolder.create();
  const rootfs = `${temporary.path}/rootfs`;
  await busyboxRootfs(rootfs);
  project.provide("runtime", { folder: temporary.path, rootfs, rund, runc });
  return () => temporary.remove();
}

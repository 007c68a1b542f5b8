import { mkdtemp, rm } from "node:fs/promises";
import { afterAll, inject, onTestFinished } from "vitest";
import { ApiClient } from "./api_client.ts";
import { busyboxRootfs } from "./busybox_rootfs.ts";
import { Ctr } from "./ctr.ts";
import { Docker } from "./docker.ts";
import { HostCensus } from "./host_census.ts";
import { showLogsOfFailures } from "./logs_of_failures.ts";
import type { SharedDaemons } from "./shared_daemons.ts";
import { imageName } from "./test_image.ts";

export interface Shared extends SharedClients {
  readonly daemons: SharedDaemons;
  readonly folder: string;
  readonly rootfs: string;
  readonly image: string;
  readonly mountDriver: SharedDaemons["mountDriver"];
}

interface SharedClients {
  readonly ctr: Ctr;
  readonly docker: Docker;
  readonly api: ApiClient;
  readonly census: HostCensus;
}

/**
 * The daemons of the run, for a test file, called once at its top. A test that fails prints what the daemons
 * logged while it ran.
 */
export function shared(): Shared {
  const daemons = inject("daemons");
  const ctr = new Ctr(daemons.ctr, daemons.address, "rund");
  const api = new ApiClient(daemons.address, ctr.namespace);
  afterAll(() => api.close());
  showLogsOfFailures(daemons.logs);
  return {
    daemons,
    folder: daemons.folder,
    rootfs: daemons.rootfs,
    image: imageName,
    mountDriver: daemons.mountDriver,
    ctr,
    docker: new Docker(daemons.docker, daemons.dockerSocket, daemons.dockerSettings),
    api,
    census: new HostCensus(daemons.folder),
  };
}

/** A folder for the running test, removed when it ends. */
export async function testFolder(): Promise<string> {
  const folder = await mkdtemp(`${inject("daemons").folder}/t-`);
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A busybox tree that the running test may write to, removed when it ends. */
export async function copyRootfs(): Promise<string> {
  const rootfs = `${await testFolder()}/rootfs`;
  // Made anew: in the shared tree another container may have /proc mounted just now.
  await busyboxRootfs(rootfs);
  return rootfs;
}

import type { TestProject } from "vitest/node";
import { Daemons } from "./daemons.ts";
import type { MountDriverName } from "./shared_daemons.ts";

/** Starts the daemons that all end-to-end files share; vitest calls the result after the last file. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const driver: MountDriverName = process.env["RUND_MOUNT_DRIVER"] === "bindfs" ? "bindfs" : "kernel";
  const daemons = await Daemons.start({ env: { RUND_MOUNT_DRIVER: driver } });
  project.provide("daemons", {
    mountDriver: driver,
    folder: daemons.folder,
    rootfs: daemons.rootfs,
    archive: daemons.archive,
    ctr: daemons.ctr.program,
    address: daemons.containerd.address,
    ttrpcAddress: daemons.containerd.ttrpcAddress,
    state: daemons.containerd.state,
    containerdPid: daemons.containerd.pid,
    path: daemons.containerd.env["PATH"] ?? "",
    docker: daemons.docker.program,
    dockerSocket: daemons.dockerd.socket,
    dockerSettings: `${daemons.folder}/client`,
    dockerdPid: daemons.dockerd.pid,
    logs: [daemons.containerd.daemon.command.logFile, daemons.dockerd.daemon.command.logFile],
  });
  return () => daemons.stop();
}

import { mkdir, writeFile } from "node:fs/promises";
import { CommandLine } from "../../harness/command_line.ts";
import { rundCommand } from "../../harness/rund_command.ts";
import { podmanFolder } from "../../harness/tools.ts";

/** Debian's podman and buildah with rund as their runtime, and with all that they write in one folder. */
export interface PodmanTools {
  readonly podman: CommandLine;
  readonly buildah: CommandLine;
  /** Whatever they call by this name is rund, with its containers where the tests look. */
  readonly runtime: string;
}

export async function podmanTools(folder: string): Promise<PodmanTools> {
  const programs = await podmanFolder();
  const settings = `${folder}/home/.config/containers`;
  for (const path of [settings, `${folder}/tmp`, `${folder}/run`]) await mkdir(path, { recursive: true });
  const runtime = await rundCommand(folder);
  await writeFile(
    `${settings}/policy.json`,
    JSON.stringify({ default: [{ type: "insecureAcceptAnything" }] }),
  );
  await writeFile(`${folder}/storage.conf`, storageSettings(folder));
  await writeFile(`${folder}/containers.conf`, containerSettings(folder, programs, runtime));
  const env = {
    HOME: `${folder}/home`,
    TMPDIR: `${folder}/tmp`,
    CONTAINERS_CONF: `${folder}/containers.conf`,
    CONTAINERS_STORAGE_CONF: `${folder}/storage.conf`,
  };
  return {
    podman: new CommandLine(`${programs}/podman`, [], env),
    buildah: new CommandLine(`${programs}/buildah`, [], env),
    runtime,
  };
}

function storageSettings(folder: string): string {
  return `[storage]
driver = "vfs"
graphroot = "${folder}/storage"
runroot = "${folder}/run/storage"
`;
}

/** Jails have neither a network nor a control group of their own. Not every root may raise limits as podman's defaults do. */
function containerSettings(folder: string, programs: string, runtime: string): string {
  return `[containers]
netns = "host"
cgroups = "disabled"
default_ulimits = []
[network]
network_config_dir = "${folder}/net.d"
[engine]
runtime = "rund"
runtime_supports_json = ["rund"]
runtime_supports_nocgroup = ["rund"]
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
conmon_path = ["${programs}/conmon"]
tmp_dir = "${folder}/run/libpod"
[engine.runtimes]
rund = ["${runtime}"]
`;
}

import { join } from "node:path";
import { platform } from "../platform/platform.ts";
import { commands } from "./commands.ts";
import { logFormats } from "./logger.ts";

/** Where the containers are that no `--root` says anything about. */
export function defaultRoot(): string {
  return join(platform().runtimeDirectory, "containers");
}

/** The flags in front of the command, as clients of runc pass them. */
const flags = {
  root: { type: "string", describe: `folder for the state of containers (${defaultRoot()})` },
  log: { type: "string", describe: "file to which the log is appended, in place of standard error" },
  "log-format": { type: "string", choices: logFormats, describe: "form of the log's lines" },
  debug: { type: "boolean", describe: "log more" },
  version: { type: "boolean", alias: "v", describe: "shows the version" },
  "systemd-cgroup": { type: "boolean", describe: "no effect: jails have no cgroups" },
  rootless: { type: "string", describe: "no effect: only root can make jails" },
  "cgroup-manager": {
    type: "string",
    describe: "no effect; podman passes it to runtimes like crun",
    hidden: true,
  },
  criu: { type: "string", describe: "no effect", hidden: true },
} as const;

const width = Math.max(...Object.keys(commands).map((name) => name.length)) + 2;

const list = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}${summary}`);

/** The command line as a whole. */
export const globalUsage = {
  name: "rund",
  synopsis: "[flags] COMMAND [flags] ...",
  text: `rund runs native macOS containers: OCI bundles as chroot jails. This is its command line, which follows runc's.

containerd starts rund by itself, as containerd-shim-rund-v1, which must be on its PATH:
  ctr run --rm --runtime io.containerd.rund.v1 IMAGE ID COMMAND
docker needs it named once, in /etc/docker/daemon.json:
  { "runtimes": { "rund": { "runtimeType": "io.containerd.rund.v1" } } }
and then:
  docker run --rm --runtime rund --network host IMAGE COMMAND

Commands (rund COMMAND --help tells more):
${list.join("\n")}`,
  flags,
  examples: [
    ["rund run bundle-examples/hello", "runs the bundle in that folder, without any daemon"],
    ["rund list", "shows which containers there are"],
    [
      "rund --root /tmp/mine run -d -b ./bundle one",
      "keeps state elsewhere, and leaves container one running",
    ],
  ],
} as const;

import yargs from "yargs/yargs";
import packageJson from "../../package.json" with { type: "json" };

/** The `rund` command line. */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  await yargs(args)
    .scriptName("rund")
    .usage(
      `rund runs native macOS containers: chroot jails, driven by stock docker, ctr and nerdctl.

containerd starts rund by itself, as containerd-shim-rund-v1, which must be on its PATH:
  ctr run --rm --runtime io.containerd.rund.v1 IMAGE ID COMMAND

docker needs it named once, in /etc/docker/daemon.json:
  { "runtimes": { "rund": { "runtimeType": "io.containerd.rund.v1" } } }
and then:
  docker run --rm --runtime rund --network host IMAGE COMMAND`,
    )
    .version(packageJson.version)
    .demandCommand(0, 0)
    .strict()
    .parseAsync();
}

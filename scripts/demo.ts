import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { busyboxRootfs } from "../test/harness/busybox_rootfs.ts";
import { CommandLine } from "../test/harness/command_line.ts";
import { Daemons } from "../test/harness/daemons.ts";
import { projectFolder, shimFolder } from "../test/harness/project_paths.ts";
import { writeImageArchive } from "../test/harness/test_image.ts";
import { DemoScreen } from "./demo_screen.ts";

const image = "docker.io/library/rund-hello:latest";
const runtime = "io.containerd.rund.v1";
const screen = new DemoScreen();

interface ExampleBundle {
  readonly process: {
    readonly args: readonly string[];
    readonly env: readonly string[];
    readonly cwd: string;
  };
}

const bundle = `${projectFolder}/bundle-examples/hello`;

/** Puts a busybox tree under the example's own files, for good: from then on the bundle runs by itself. */
async function completeExample(): Promise<void> {
  if (!existsSync(`${bundle}/rootfs/bin/sh`)) await busyboxRootfs(`${bundle}/rootfs`);
}

/** Packs the example as an image archive. */
async function packExample(file: string): Promise<void> {
  const { process } = JSON.parse(await readFile(`${bundle}/config.json`, "utf8")) as ExampleBundle;
  const config = { Cmd: process.args, Env: process.env, WorkingDir: process.cwd };
  await writeImageArchive(file, { name: image, rootfs: `${bundle}/rootfs`, config });
}

/** Without any daemon. */
async function withNothing(): Promise<void> {
  screen.chapter("rund alone: the bundle in bundle-examples/hello, without any daemon");
  await completeExample();
  await screen.show(new CommandLine(`${shimFolder()}/rund`), ["run", "bundle-examples/hello"]);
}

async function withCtr({ api, ctr, folder }: Daemons): Promise<void> {
  screen.chapter("ctr: containerd's own client");
  await screen.showOnly(ctr, ["image", "import", `${folder}/demo/hello.tar`]);
  await screen.show(ctr, ["run", "--rm", "--runtime", runtime, image, "first"]);

  screen.say("A container that stays:");
  await screen.show(ctr, ["run", "-d", "--runtime", runtime, image, "second", "sleep", "1000"]);
  await screen.show(ctr, ["task", "ls"]);
  const [task] = await ctr.tasks();
  if (task !== undefined) await screen.showHostView(task.pid);
  const probe = ["sh", "-c", "echo I am $(id -un) and see $(ls / | wc -l) entries in /"];
  await screen.show(ctr, ["task", "exec", "--exec-id", "look", "second", ...probe]);
  await screen.show(ctr, ["task", "kill", "--signal", "SIGTERM", "second"]);
  await api.tasks.wait({ containerId: "second" });
  await screen.show(ctr, ["task", "ls"]);
  await screen.show(ctr, ["task", "delete", "second"]);
  await screen.show(ctr, ["container", "delete", "second"]);
}

async function withDocker({ docker, folder }: Daemons): Promise<void> {
  screen.chapter("docker, with rund as its default runtime");
  await screen.show(docker, ["load", "--input", `${folder}/demo/hello.tar`]);
  await screen.show(docker, ["run", "--rm", "--network", "host", "rund-hello", "hello", "dear", "reader"]);

  screen.say("A container in the background, with a user of its own:");
  const loop = "while :; do date; sleep 1; done";
  const run = ["run", "-d", "--name", "clock", "--network", "host", "-u", "alice", "rund-hello"];
  await screen.show(docker, [...run, "sh", "-c", loop]);
  await screen.show(docker, ["exec", "clock", "id"]);
  await screen.show(docker, ["top", "clock"]);
  await screen.show(docker, ["logs", "--tail", "2", "clock"]);
  await screen.show(docker, ["stop", "--timeout", "2", "clock"]);
  await screen.show(docker, ["ps", "--all", "--format", "{{.Names}}: {{.Status}}"]);
  await screen.show(docker, ["rm", "clock"]);
}

async function demonstrate(daemons: Daemons): Promise<void> {
  const before = daemons.census.take();
  screen.chapter("The same bundle as an image");
  await mkdir(`${daemons.folder}/demo`);
  await packExample(`${daemons.folder}/demo/hello.tar`);
  screen.say("Packed: a busybox tree, and the example's own program in it.");
  await withCtr(daemons);
  await withDocker(daemons);
  screen.chapter("Clean-up");
  // Images and their snapshots go with the daemons; what containers have left would be found here.
  await daemons.census.expectNoMoreThan(before);
  screen.say("No process, mount, socket or bundle of the containers is left.");
}

process.chdir(projectFolder);
await withNothing();
screen.chapter("A private containerd and dockerd");
const daemons = await Daemons.start().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
screen.say(`Running, with all their files in ${daemons.folder}; rund's shim is on containerd's PATH.`);

let stopping: Promise<void> | undefined;
const stop = (): Promise<void> => {
  stopping ??= daemons.stop();
  return stopping;
};
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    console.log("\nStopping: taking everything back first.");
    void stop().finally(() => process.exit(signal === "SIGINT" ? 130 : 143));
  });
}
try {
  await demonstrate(daemons);
} catch (error) {
  // After ^C the command that was running fails too; only the first reason counts.
  if (stopping === undefined) {
    console.error(error instanceof Error ? error.message : error);
    console.error(daemons.containerd.daemon.log().slice(-4000));
    process.exitCode = 1;
  }
} finally {
  await stop();
}
screen.say("Daemons stopped, their folder removed.");

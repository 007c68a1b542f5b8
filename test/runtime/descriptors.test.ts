import { writeFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { BackgroundCommand } from "../harness/background_command.ts";
import type { Bundle, OciRuntime } from "./support/oci_runtime.ts";
import { containerId, makeBundle, runtimes } from "./support/runtimes.ts";

const own = runtimes();
const { rund, both } = own;

/** Prints the files that descriptors 3 to 5 are open on. */
const readAll = "for fd in 3 4 5; do [ ! -e /proc/self/fd/$fd ] || cat <&$fd; done";

/** Runs a command of a runtime that is passed three files on descriptors from 3 on; `setup` is a part of a shell script. */
async function withDescriptors(
  { program, prefix }: OciRuntime,
  args: readonly string[],
  bundle: Bundle,
  setup = ":",
): Promise<void> {
  for (const name of ["3", "4", "5"]) await writeFile(`${bundle.path}/${name}`, `file ${name}\n`);
  const script = `${setup}; exec "$@" 3<"$0/3" 4<"$0/4" 5<"$0/5" >"$0/out" 2>"$0/err"`;
  const command = ["-c", script, bundle.path, program, ...prefix, ...args];
  const { exitCode } = await new BackgroundCommand("sh", command, { input: "" }).result;
  if (exitCode !== 0) throw new Error(`exit code ${exitCode}: ${await bundle.errors()}`);
}

it("those that are to be kept reach the program, and no others, as with runc", async () => {
  const bundle = await makeBundle(own, `${readAll}; ls /proc/self/fd | wc -l`);
  for (const runtime of both) {
    const args = ["run", "--preserve-fds", "2", "-b", bundle.path, containerId(runtime)];
    await withDescriptors(runtime, args, bundle);
    // The last one is the folder that ls reads.
    expect([runtime.name, await bundle.output()]).toEqual([runtime.name, "file 3\nfile 4\n6\n"]);
  }
});

it("those of a created container are kept until its start", async () => {
  const bundle = await makeBundle(own, readAll);
  for (const runtime of both) {
    const id = containerId(runtime);
    await withDescriptors(runtime, ["create", "--preserve-fds", "1", "-b", bundle.path, id], bundle);
    await runtime.ok(["start", id]);
    await expect.poll(() => bundle.output(), { message: runtime.name }).toBe("file 3\n");
  }
});

it("those of an exec reach it", async () => {
  const bundle = await makeBundle(own, ["sleep", "1000"]);
  for (const runtime of both) {
    const id = containerId(runtime);
    await runtime.start(id, bundle);
    await withDescriptors(runtime, ["exec", "--preserve-fds", "3", id, "sh", "-c", readAll], bundle);
    expect([runtime.name, await bundle.output()]).toEqual([runtime.name, "file 3\nfile 4\nfile 5\n"]);
  }
});

it("those of a program on a terminal are not the relay's", async () => {
  const bundle = await makeBundle(own, readAll, { terminal: true });
  const args = ["run", "--preserve-fds", "1", "-b", bundle.path, containerId(rund)];
  await withDescriptors(rund, args, bundle);
  expect(await bundle.output()).toBe("file 3\r\n");
});

it("those that there are none of are refused", async () => {
  const bundle = await makeBundle(own, "true");
  const { exitCode, stderr } = await rund.run([
    "run",
    "--preserve-fds",
    "90",
    "-b",
    bundle.path,
    containerId(rund),
  ]);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^rund run: --preserve-fds or LISTEN_FDS: descriptor \d+: bad file descriptor\n$/);
});

it("sockets to listen on are told of, as by runc", async () => {
  const bundle = await makeBundle(own, `echo $LISTEN_FDS $((LISTEN_PID == $$)); ${readAll}`);
  for (const runtime of both) {
    const args = ["run", "--preserve-fds", "1", "-b", bundle.path, containerId(runtime)];
    await withDescriptors(runtime, args, bundle, "export LISTEN_PID=$$ LISTEN_FDS=1");
    expect([runtime.name, await bundle.output()]).toEqual([runtime.name, "1 1\nfile 3\nfile 4\n"]);
  }
});

it("sockets for another process are not the container's, as with runc", async () => {
  const bundle = await makeBundle(own, `echo "[$LISTEN_FDS]"; ${readAll}`);
  for (const runtime of both) {
    const args = ["run", "-b", bundle.path, containerId(runtime)];
    await withDescriptors(runtime, args, bundle, "export LISTEN_PID=1 LISTEN_FDS=1");
    expect([runtime.name, await bundle.output()]).toEqual([runtime.name, "[]\n"]);
  }
});

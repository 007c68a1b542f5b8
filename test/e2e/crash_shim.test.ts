import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { copyRootfs, shared, testFolder } from "../harness/shared.ts";
import { uniqueId } from "../harness/unique_id.ts";
import { ApiContainer } from "./support/api_container.ts";
import { folderListing } from "./support/folder_listing.ts";
import { isAlive, shimPid } from "./support/host_processes.ts";
import { jailSpec } from "./support/jail_spec.ts";

const { api, census, ctr, daemons, rootfs } = shared();

/** Kills the shim of a container and waits until containerd has cleaned up: the bundle is the last to go. */
async function crash(id: string, signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
  process.kill(shimPid(id), signal);
  const bundle = `${daemons.state}/io.containerd.runtime.v2.task/${ctr.namespace}/${id}`;
  await expect.poll(() => existsSync(bundle), { timeout: 20_000, message: bundle }).toBe(false);
  // containerd's own words: for a moment more it has the task, and only says that the shim does not answer.
  const answer = () =>
    api.tasks.get({ containerId: id }).then(JSON.stringify, ({ details }) => String(details));
  await expect.poll(answer, { timeout: 20_000 }).toMatch(/task \S+ not found|^container /);
}

describe("after SIGKILL to the shim", () => {
  it("nothing is left: no process, mount, socket, bundle or stub", async () => {
    const root = await copyRootfs();
    const volume = await testFolder();
    await writeFile(`${volume}/file`, "content\n");
    const listing = await folderListing(root);
    const before = census.take();
    const mounts = [
      { destination: "/not/there", type: "bind", source: volume, options: ["rbind", "rw"] },
      { destination: "/etc/new-file", type: "bind", source: `${volume}/file`, options: ["bind", "ro"] },
    ];
    const script = 'setsid sleep 1000 & (trap "" TERM; sleep 1000) & echo ready; sleep 1000';
    const container = await ApiContainer.run(
      api,
      jailSpec({ rootfs: root, args: ["sh", "-c", script], mounts }),
    );
    await container.stdio?.stdout.waitFor(/ready/);
    await (await container.exec(["setsid", "sleep", "1000"], { nullIo: true })).start();
    await crash(container.id);
    await census.expectNoMoreThan(before);
    expect(await folderListing(root)).toEqual(listing);
  });

  it("nothing is left of a container of an image, on a terminal", async () => {
    const before = census.take();
    const id = uniqueId();
    onTestFinished(() => ctr.remove(id));
    const session = ctr.pty(ctr.runArguments(["sh"], { id }, "--rm", "-t"));
    await session.waitFor(/\/ # /);
    await crash(id);
    await session.exitCode;
    await census.expectNoMoreThan(before);
  });

  it("nothing is left of a container that was only created", async () => {
    const before = census.take();
    const container = await ApiContainer.create(api, jailSpec({ rootfs, args: ["sleep", "1000"] }));
    const { pid } = await container.state();
    await crash(container.id);
    expect(isAlive(pid)).toBe(false);
    await census.expectNoMoreThan(before);
  });

  it("nothing is left of a container that had ended and was not deleted", async () => {
    const before = census.take();
    const container = await ApiContainer.create(api, jailSpec({ rootfs, args: ["sh", "-c", "exit 3"] }));
    await container.finish();
    await crash(container.id);
    await census.expectNoMoreThan(before);
  });

  it("the exit is published", async () => {
    const events = await api.subscribe();
    onTestFinished(() => events.close());
    const container = await ApiContainer.run(api, jailSpec({ rootfs, args: ["sleep", "1000"] }), {
      nullIo: true,
    });
    const { pid } = await container.state();
    await crash(container.id);
    const exit = await events.waitFor(({ topic, event }) => {
      return topic === "/tasks/exit" && event["containerId"] === container.id;
    });
    expect(exit.event).toMatchObject({ id: container.id, pid, exitStatus: 137 });
  });

  it("the client of a running container does not hang", async () => {
    const id = uniqueId();
    onTestFinished(() => ctr.remove(id));
    const client = ctr.spawn(ctr.runArguments(["sh", "-c", "echo ready; sleep 1000"], { id }, "--rm"));
    await client.waitFor(/ready/);
    await crash(id);
    expect((await client.result).exitCode).not.toBe(0);
  });

  it("the same container runs again", async () => {
    const spec = jailSpec({ rootfs, args: ["sh", "-c", "sleep 0.2; exit 6"] });
    const container = await ApiContainer.run(api, spec, { nullIo: true });
    await crash(container.id);
    await container.createTask();
    expect(await container.finish()).toMatchObject({ exitCode: 6 });
  });
});

describe("after SIGTERM to the shim", () => {
  it("nothing is left either", async () => {
    const before = census.take();
    const container = await ApiContainer.run(api, jailSpec({ rootfs, args: ["sleep", "1000"] }), {
      nullIo: true,
    });
    await crash(container.id, "SIGTERM");
    await census.expectNoMoreThan(before);
  });
});

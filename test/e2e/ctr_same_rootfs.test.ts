import { expect, it, onTestFinished } from "vitest";
import { copyRootfs, shared } from "../harness/shared.ts";
import { uniqueId } from "../harness/unique_id.ts";
import { ApiContainer } from "./support/api_container.ts";
import { folderListing } from "./support/folder_listing.ts";
import { isAlive } from "./support/host_processes.ts";
import { jailSpec } from "./support/jail_spec.ts";

const { api, census, ctr, mountDriver } = shared();

if (mountDriver === "kernel") {
  it("two containers at once on one root folder do not disturb each other", bothAtOnce);
} else {
  // bindfs mounts into the folder itself.
  it("a second container on a root folder in use is refused, and the first one runs on", secondRefused);
}

it("two containers of one image at once have a root each", async () => {
  const ids = [uniqueId(), uniqueId()];
  for (const id of ids) {
    onTestFinished(() => ctr.remove(id));
    await ctr.startContainer(["sh", "-c", `echo ${id} >/etc/mine; exec sleep 1000`], { id });
  }
  for (const id of ids) {
    const wait = ["sh", "-c", "while ! test -s /etc/mine; do sleep 0.05; done; cat /etc/mine"];
    const result = await ctr.run(["task", "exec", "--exec-id", uniqueId("x"), id, ...wait]);
    expect(result.stdout).toBe(`${id}\n`);
  }
});

async function bothAtOnce(): Promise<void> {
  const rootfs = await copyRootfs();
  const listing = await folderListing(rootfs);
  const before = census.take();
  const spec = () => jailSpec({ rootfs, args: ["sleep", "1000"] });
  const first = await ApiContainer.run(api, spec(), { nullIo: true });
  const second = await ApiContainer.run(api, spec(), { nullIo: true });
  const exec = await second.exec(["sleep", "1000"], { nullIo: true });
  const pids = [(await second.state()).pid, await exec.start()];
  const processes = (await api.tasks.listPids({ containerId: second.id })).processes.map(({ pid }) => pid);
  expect(processes.sort()).toEqual(pids.sort());

  const ended = first.wait();
  await first.kill(9);
  await ended;
  await first.delete();

  expect(pids.map(isAlive)).toEqual([true, true]);
  const look = await second.exec(["sh", "-c", "test -c /dev/null && cat /proc/self/comm"]);
  expect(await look.finish()).toMatchObject({ exitCode: 0, stdout: "cat\n" });
  const last = second.wait();
  await second.kill(9);
  await last;
  await second.delete();
  await census.expectNoMoreThan(before);
  expect(await folderListing(rootfs)).toEqual(listing);
}

async function secondRefused(): Promise<void> {
  const rootfs = await copyRootfs();
  const first = await ApiContainer.run(api, jailSpec({ rootfs, args: ["sleep", "1000"] }), {
    nullIo: true,
  });
  const before = census.take();
  const second = await ApiContainer.record(api, jailSpec({ rootfs, args: ["true"] }), { nullIo: true });
  await expect(second.createTask()).rejects.toMatchObject({
    code: 9,
    message: expect.stringContaining(`${rootfs} belongs to another running container`),
  });
  await census.expectNoMoreThan(before);
  const look = await first.exec(["sh", "-c", "test -c /dev/null && cat /proc/self/comm"]);
  expect(await look.finish()).toMatchObject({ exitCode: 0, stdout: "cat\n" });

  const ended = first.wait();
  await first.kill(9);
  await ended;
  await first.delete();
  await second.createTask();
  expect(await second.finish()).toMatchObject({ exitCode: 0 });
}

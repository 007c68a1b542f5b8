import { symlink, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { copyRootfs, shared } from "../harness/shared.ts";
import { ApiContainer } from "./support/api_container.ts";
import { jailSpec } from "./support/jail_spec.ts";

const { api, census, ctr, rootfs } = shared();

/** What is no program, and what clients look for in the error: docker turns these texts into 127 and 126. */
const cases: readonly (readonly [title: string, program: string, text: RegExp])[] = [
  ["a name that is nowhere in PATH", "no-such-program", /executable file not found in \$PATH/],
  ["a path that is not there", "/bin/no-such-program", /no such file or directory/],
  ["a path below a file", "/bin/busybox/sh", /not a directory/],
  ["a directory", "/etc", /is a directory|permission denied/],
  ["a file that is not executable", "/etc/passwd", /permission denied/],
  ["a link that leads nowhere", "/bin/dangling", /no such file or directory|executable file not found/],
];

describe("create", () => {
  it.each(cases)("fails for %s, with a clear text and nothing left", async (_title, program, text) => {
    const { root, before } = await rootWithOddities();
    const container = await ApiContainer.record(api, jailSpec({ rootfs: root, args: [program] }), {
      nullIo: true,
    });
    await expect(container.createTask()).rejects.toThrow(text);
    await expect(container.state()).rejects.toMatchObject({ code: 5 });
    await census.expectNoMoreThan(before);
  });

  it("fails with open fifos without hanging the client", async () => {
    const before = census.take();
    const result = await ctr.run(ctr.runArguments(["no-such-program"], {}, "--rm"), { timeout: 20_000 });
    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).toMatch(/executable file not found in \$PATH/);
    await census.expectNoMoreThan(before);
  });

  it("works for the same id once the program is there", async () => {
    const root = await copyRootfs();
    const spec = jailSpec({ rootfs: root, args: ["/bin/late"] });
    const container = await ApiContainer.record(api, spec, { nullIo: true });
    await expect(container.createTask()).rejects.toThrow(/no such file or directory/);
    await writeFile(`${root}/bin/late`, "#!/bin/sh\nexit 5\n", { mode: 0o755 });
    await container.createTask();
    expect(await container.finish()).toMatchObject({ exitCode: 5 });
  });
});

describe("start", () => {
  it("fails for a script whose interpreter is missing, and the container ends", async () => {
    const root = await copyRootfs();
    await writeFile(`${root}/bin/script`, "#!/no/such/interpreter\n", { mode: 0o755 });
    const spec = jailSpec({ rootfs: root, args: ["/bin/script"] });
    await expect(startSomehow(spec)).rejects.toThrow(/no such file or directory/);
  });

  it("fails for a file that is no program", async () => {
    const root = await copyRootfs();
    await writeFile(`${root}/bin/garbage`, Buffer.from([1, 2, 3, 4]), { mode: 0o755 });
    const spec = jailSpec({ rootfs: root, args: ["/bin/garbage"] });
    await expect(startSomehow(spec)).rejects.toThrow(/exec format error/);
  });
});

describe("exec", () => {
  it.each(cases)("fails for %s, and the container and its shim live on", async (_title, program, text) => {
    const { root } = await rootWithOddities();
    const container = await ApiContainer.run(api, jailSpec({ rootfs: root, args: ["sleep", "1000"] }), {
      nullIo: true,
    });
    const exec = await container.exec([program], { nullIo: true });
    await expect(exec.start()).rejects.toThrow(text);
    const good = await container.exec(["echo", "still here"]);
    expect(await good.finish()).toMatchObject({ exitCode: 0, stdout: "still here\n" });
    await exec.delete();
    expect((await container.state()).status).toBe("RUNNING");
  });

  it("that failed can be deleted and its id used again", async () => {
    const container = await ApiContainer.run(api, jailSpec({ rootfs, args: ["sleep", "1000"] }), {
      nullIo: true,
    });
    const failed = await container.exec(["no-such-program"], { execId: "again" });
    await expect(failed.start()).rejects.toThrow(/executable file not found/);
    await failed.delete();
    const good = await container.exec(["echo", "hi"], { execId: "again" });
    expect(await good.finish()).toMatchObject({ exitCode: 0, stdout: "hi\n" });
  });
});

async function rootWithOddities() {
  const root = await copyRootfs();
  await symlink("/no/where", `${root}/bin/dangling`);
  return { root, before: census.take() };
}

/** An error of exec itself may come from Create or from Start. */
async function startSomehow(spec: ReturnType<typeof jailSpec>): Promise<void> {
  const container = await ApiContainer.record(api, spec, { nullIo: true });
  await container.createTask();
  const ended = container.wait();
  try {
    await container.start();
  } finally {
    await ended;
  }
}

import { rm, symlink, writeFile } from "node:fs/promises";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import type { Spec } from "../../src/oci/spec.ts";
import { copyRootfs, shared, testFolder } from "../harness/shared.ts";
import { DirectShim } from "./support/direct_shim.ts";
import { jailSpec } from "./support/jail_spec.ts";
import type { ShimTask } from "./support/shim_task.ts";

const { census, rootfs } = shared();

const Code = { invalidArgument: 3, notFound: 5, alreadyExists: 6, failedPrecondition: 9, unimplemented: 12 };

const good = () => jailSpec({ rootfs, args: ["sh", "-c", "exit 5"] });

/** After whatever was done to it, the daemon serves a container from create to delete. */
async function expectServing(shim: DirectShim, task: ShimTask): Promise<void> {
  await shim.writeSpec(good());
  const { pid } = await task.create();
  expect(pid).toBeGreaterThan(0);
  await task.start();
  expect(await task.wait()).toMatchObject({ exitStatus: 5 });
  expect(await task.delete()).toMatchObject({ exitStatus: 5, pid });
}

function changed(
  change: (spec: Record<string, unknown> & { process: Record<string, unknown> }) => void,
): unknown {
  const spec = structuredClone(good()) as Spec & { process: Record<string, unknown> };
  change(spec as never);
  return spec;
}

describe("a config.json", () => {
  it.each<readonly [string, unknown, RegExp]>([
    ["that is no JSON", "{ this is no JSON", /config\.json.*JSON/i],
    ["that is empty", "", /config\.json.*JSON/i],
    ["of binary garbage", "\0\x01\x02\xff", /config\.json.*JSON/i],
    ["that is a list", [], /config\.json.*object/],
    ["that is null", null, /config\.json.*object/],
    ["without a process", changed((spec) => Object.assign(spec, { process: undefined })), /process/],
    ["whose process is a text", changed((spec) => Object.assign(spec, { process: "sh" })), /process.*object/],
    [
      "whose args are a text",
      changed((spec) => Object.assign(spec.process, { args: "sh -c" })),
      /args.*list/,
    ],
    [
      "whose args hold a number",
      changed((spec) => Object.assign(spec.process, { args: ["sh", 1] })),
      /args.*string/,
    ],
    ["without args", changed((spec) => Object.assign(spec.process, { args: [] })), /args/],
    [
      "whose env is an object",
      changed((spec) => Object.assign(spec.process, { env: { A: "b" } })),
      /env.*list/,
    ],
    ["whose cwd is relative", changed((spec) => Object.assign(spec.process, { cwd: "tmp" })), /cwd/],
    ["whose uid is a text", changed((spec) => Object.assign(spec.process, { user: { uid: "root" } })), /uid/],
    ["whose uid is negative", changed((spec) => Object.assign(spec.process, { user: { uid: -1 } })), /uid/],
    ["with an unknown limit", changed((spec) => limit(spec, "RLIMIT_NONE")), /RLIMIT_NONE/],
    ["whose mounts are an object", changed((spec) => Object.assign(spec, { mounts: {} })), /mounts.*list/],
    [
      "with a mount of nothing",
      changed((spec) => Object.assign(spec, { mounts: [{}] })),
      /mounts.*destination/,
    ],
    ["with an unknown mount", changed((spec) => mount(spec, { type: "no-such-fs" })), /no-such-fs/],
    ["with a mount on the root", changed((spec) => mount(spec, { type: "tmpfs", destination: "/" })), /root/],
  ])("%s is refused as an invalid argument, and the daemon serves on", async (_title, spec, text) => {
    const { shim, task } = await DirectShim.start({ spec });
    const before = census.take();
    const refused = task.create();
    await expect(refused).rejects.toMatchObject({ code: Code.invalidArgument });
    await expect(refused).rejects.toThrow(text);
    await census.expectNoMoreThan(before);
    await expectServing(shim, task);
    await census.expectNoMoreThan(before);
  });

  it("that is not there is not found", async () => {
    const { shim, task } = await DirectShim.start();
    await expect(task.create()).rejects.toMatchObject({
      code: Code.notFound,
      message: expect.stringMatching(/config\.json.*no such file or directory/),
    });
    await expectServing(shim, task);
  });

  it("whose root is not there is refused as an invalid argument", async () => {
    const spec = jailSpec({ rootfs: `${rootfs}/no/such/root`, args: ["true"] });
    const { shim, task } = await DirectShim.start({ spec });
    await expect(task.create()).rejects.toMatchObject({
      code: Code.invalidArgument,
      message: expect.stringMatching(/does not exist|no such file or directory/),
    });
    await expectServing(shim, task);
  });

  it.each(["/", "//", "/tmp/..", "/proc/self/root"])(
    "whose root is the host's own, as %s, is refused",
    async (root) => {
      const { shim, task } = await DirectShim.start({ spec: jailSpec({ rootfs: root, args: ["true"] }) });
      const before = census.take();
      await expect(task.create()).rejects.toThrow(/root/);
      await census.expectNoMoreThan(before);
      await expectServing(shim, task);
    },
  );

  it("whose bind source is not there is refused as an invalid argument", async () => {
    const mounts = [{ destination: "/mnt", type: "bind", source: "/no/such/source", options: ["rbind"] }];
    const { shim, task } = await DirectShim.start({ spec: jailSpec({ rootfs, args: ["true"], mounts }) });
    const before = census.take();
    await expect(task.create()).rejects.toMatchObject({
      code: Code.invalidArgument,
      message: expect.stringMatching(/bind source path does not exist: \/no\/such\/source/),
    });
    await census.expectNoMoreThan(before);
    await expectServing(shim, task);
  });
});

describe("stdio", () => {
  it.each<readonly [string, (folder: string) => Promise<string>, number, RegExp]>([
    [
      "a fifo that is not there",
      async (folder) => `${folder}/none`,
      Code.notFound,
      /no such file or directory/,
    ],
    ["a relative path", async () => "out", Code.invalidArgument, /absolute/],
    ["an unknown scheme", async (folder) => `gopher://${folder}/out`, Code.invalidArgument, /gopher/],
    ["a folder", async (folder) => folder, Code.invalidArgument, /not a fifo|is a directory/],
    ["a plain file", async (folder) => file(`${folder}/plain`), Code.invalidArgument, /not a fifo/],
  ])("with %s is refused, and the daemon serves on", async (_title, make, code, text) => {
    const uri = await make(await testFolder());
    for (const stream of ["stdin", "stdout", "stderr"]) {
      const { shim, task } = await DirectShim.start({ spec: good() });
      const before = census.take();
      const refused = task.create({ [stream]: uri });
      await expect(refused).rejects.toMatchObject({ code });
      await expect(refused).rejects.toThrow(text);
      await expectServing(shim, task);
      await census.expectNoMoreThan(before);
    }
  });

  it("of an exec with a fifo that is not there is refused, and the container runs on", async () => {
    const { task } = await DirectShim.start({ spec: jailSpec({ rootfs, args: ["sleep", "1000"] }) });
    await task.create();
    await task.start();
    const spec = processDocument({ args: ["true"], cwd: "/" });
    const failed = task.exec({ execId: "bad", spec, stdout: "/no/such/fifo" }).then(() => task.start("bad"));
    await expect(failed).rejects.toMatchObject({ code: Code.notFound });
    await task.exec({ execId: "good", spec });
    await task.start("good");
    expect(await task.wait("good")).toMatchObject({ exitStatus: 0 });
    await task.kill(9);
    await task.wait();
    await task.delete();
  });
});

describe("an exec's document", () => {
  it.each<readonly [string, string, RegExp]>([
    ["that is no JSON", "{", /JSON/i],
    ["that is null", "null", /object/],
    ["whose args are a text", '{"args":"sh"}', /args.*list/],
    ["without args", '{"cwd":"/"}', /args/],
  ])("%s is refused as an invalid argument", async (_title, text, pattern) => {
    const { task } = await DirectShim.start({ spec: jailSpec({ rootfs, args: ["sleep", "1000"] }) });
    await task.create();
    await task.start();
    const refused = task.exec({ spec: { typeUrl: processType, value: Buffer.from(text) } });
    await expect(refused).rejects.toMatchObject({ code: Code.invalidArgument });
    await expect(refused).rejects.toThrow(pattern);
    expect((await task.state()).pid).toBeGreaterThan(0);
  });
});

describe("calls", () => {
  it("of an id that is not there are not found, and Connect never fails", async () => {
    const { task } = await DirectShim.start({ spec: good() });
    const calls = [task.state(), task.start(), task.wait(), task.kill(9), task.delete(), task.exec({})];
    const results = await Promise.allSettled(calls);
    const codes = results.map((result) => (result.status === "rejected" ? result.reason.code : "resolved"));
    // An exec without a document may also be called an invalid argument.
    expect(codes.slice(0, 5)).toEqual([5, 5, 5, 5, 5]);
    expect([3, 5]).toContain(codes[5]);
    expect(await task.connect()).toMatchObject({ taskPid: 0, shimPid: expect.any(Number) });
  });

  it("of an exec that is not there are not found", async () => {
    const { shim, task } = await DirectShim.start({ spec: good() });
    await task.create();
    const calls = ["state", "start", "wait", "delete"] as const;
    for (const call of calls) await expect(task[call]("x")).rejects.toMatchObject({ code: Code.notFound });
    await expect(task.kill(9, "x")).rejects.toMatchObject({ code: Code.notFound });
    await task.delete();
    await expectServing(shim, task);
  });

  it("to create twice are refused, and the first container stays", async () => {
    const { task } = await DirectShim.start({ spec: good() });
    const [first, second] = await Promise.allSettled([task.create(), task.create()]);
    expect(first).toMatchObject({ status: "fulfilled" });
    expect(second).toMatchObject({ status: "rejected", reason: { code: Code.alreadyExists } });
    await expect(task.create()).rejects.toMatchObject({ code: Code.alreadyExists });
    await task.start();
    expect(await task.wait()).toMatchObject({ exitStatus: 5 });
  });

  it("to create with a bundle that is missing or relative are refused", async () => {
    const { shim, task } = await DirectShim.start({ spec: good() });
    await expect(task.create({ bundle: "relative" })).rejects.toMatchObject({ code: Code.invalidArgument });
    await expect(task.create({ bundle: "" })).rejects.toMatchObject({ code: Code.invalidArgument });
    await expect(task.create({ bundle: "/no/such" })).rejects.toMatchObject({ code: Code.notFound });
    await expect(task.create({ id: "a/b" })).rejects.toMatchObject({ code: Code.invalidArgument });
    await expectServing(shim, task);
  });

  it("in the wrong state fail as a failed precondition", async () => {
    const { task } = await DirectShim.start({ spec: jailSpec({ rootfs, args: ["sleep", "1000"] }) });
    await task.create();
    await task.start();
    await expect(task.start()).rejects.toMatchObject({ code: Code.failedPrecondition });
    await expect(task.delete()).rejects.toMatchObject({ code: Code.failedPrecondition });
    await task.kill(9);
    await task.wait();
    const spec = processDocument({ args: ["true"], cwd: "/" });
    await expect(task.exec({ spec })).rejects.toMatchObject({ code: Code.failedPrecondition });
    await task.delete();
    await expect(task.delete()).rejects.toMatchObject({ code: Code.notFound });
  });

  it("that rund does not know are unimplemented", async () => {
    const { task } = await DirectShim.start({ spec: good() });
    await expect(task.raw("NoSuchMethod", new Uint8Array())).rejects.toMatchObject({
      code: Code.unimplemented,
    });
    const other = task.raw("State", new Uint8Array(), "no.such.Service");
    await expect(other).rejects.toMatchObject({ code: Code.unimplemented });
  });

  it("with options that rund does not know are served", async () => {
    const { task } = await DirectShim.start({ spec: good() });
    const options = { typeUrl: "no.such.Options", value: Buffer.from([1, 2, 3]) };
    expect((await task.create({ options })).pid).toBeGreaterThan(0);
    await task.delete();
  });
});

describe("a bundle", () => {
  it("whose rootfs is a link out of it mounts nothing there", async () => {
    const outside = await copyRootfs();
    const { stdout: before } = await execa("find", [outside]);
    const { shim, task } = await DirectShim.start({ spec: { ...good(), root: { path: "rootfs" } } });
    await rm(`${shim.bundle}/rootfs`, { recursive: true });
    await symlink(outside, `${shim.bundle}/rootfs`);
    await task.create().then(
      () => task.delete(),
      () => undefined,
    );
    expect((await execa("find", [outside])).stdout).toBe(before);
  });
});

const processType = "types.containerd.io/opencontainers/runtime-spec/1/Process";

function processDocument(process: unknown) {
  return { typeUrl: processType, value: Buffer.from(JSON.stringify(process)) };
}

function limit(spec: { process: object }, type: string): void {
  Object.assign(spec.process, { rlimits: [{ type, soft: 1, hard: 1 }] });
}

function mount(spec: object, entry: object): void {
  Object.assign(spec, { mounts: [{ destination: "/mnt", source: "x", ...entry }] });
}

async function file(path: string): Promise<string> {
  await writeFile(path, "");
  return path;
}

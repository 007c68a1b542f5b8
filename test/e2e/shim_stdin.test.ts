import { existsSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import {
  BootstrapParams,
  BootstrapResult,
  LogLevel,
} from "../../src/proto/generated/containerd/runtime/bootstrap/v1/bootstrap.ts";
import { Any } from "../../src/proto/generated/google/protobuf/any.ts";
import type { CommandResult } from "../harness/command_result.ts";
import { testFolder } from "../harness/shared.ts";
import { DirectShim, type ShimStdin } from "./support/direct_shim.ts";
import { isAlive, shimPids } from "./support/host_processes.ts";

/** Far above the milliseconds that a start takes on a busy machine, far below the patience with a silent stdin. */
const soon = 450;

function any(typeUrl: string, value: string): Uint8Array {
  return Any.encode({ typeUrl, value: Buffer.from(value, "latin1") }).finish();
}

/** What containerd 2.3 writes to the stdin of `start`. */
function bootstrap(shim: DirectShim, params: Partial<BootstrapParams> = {}): Uint8Array {
  const whole = { instanceId: shim.id, namespace: shim.namespace, ...params };
  return BootstrapParams.encode(BootstrapParams.create(whole)).finish();
}

/** The socket in the answer to a bootstrap message. */
function socketOf({ stdoutBytes }: CommandResult): string {
  return BootstrapResult.decode(stdoutBytes).address.slice("unix://".length);
}

describe("start answers the plain address", () => {
  it.each<[string, ShimStdin, Uint8Array]>([
    ["no stdin", "null", Buffer.alloc(0)],
    ["a closed stdin", "closed", Buffer.alloc(0)],
    ["an empty pipe", "pipe", Buffer.alloc(0)],
    ["no options", "pipe", any("", "")],
    ["options of any runtime", "pipe", any("runtimeoptions.v1.Options", "\x0a\x01t")],
    ["options of runc", "pipe", any("containerd.runc.v1.Options", "\x08\x01")],
    ["options nobody knows", "pipe", any("containerd.linux.runc.CreateOptions", "?")],
    ["options in a file", "file", any("runtimeoptions.v1.Options", "")],
    ["bytes that are no message", "pipe", Buffer.from("\xff\xff\xff\xff", "latin1")],
  ])("at once to %s", async (_what, stdin, input) => {
    const shim = await DirectShim.bundle();
    const result = await shim.startOn(stdin, input);
    expect(result).toMatchObject({ exitCode: 0, stdout: `unix://${shim.socket}`, stderr: "" });
    expect(result.milliseconds).toBeLessThan(soon);
    expect(readFileSync(`${shim.bundle}/address`, "utf8")).toBe(`unix://${shim.socket}`);
    expect(shimPids(shim.id)).toEqual([(await (await shim.connect()).connect()).shimPid]);
  });

  it("in the end also to a stdin that says nothing and never ends", async () => {
    const shim = await DirectShim.bundle();
    const result = await shim.startOn("open");
    expect(result).toMatchObject({ exitCode: 0, stdout: `unix://${shim.socket}` });
    expect(result.milliseconds).toBeLessThan(5000);
  });
});

describe("start answers the bootstrap message of containerd 2.3", () => {
  it("with a message, and puts the socket where it is wanted", async () => {
    const shim = await DirectShim.bundle();
    const socketDir = `${await testFolder()}/sockets`;
    const result = await shim.startOn("pipe", bootstrap(shim, { socketDir }));
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    expect(BootstrapResult.decode(result.stdoutBytes)).toMatchObject({ version: 2, protocol: "ttrpc" });
    const socket = socketOf(result);
    expect(dirname(socket)).toBe(socketDir);
    const task = await shim.connect(socket);
    const { shimPid } = await task.connect();
    await task.shutdown();
    await expect.poll(() => isAlive(shimPid), { timeout: 10_000 }).toBe(false);
    expect(existsSync(socket)).toBe(false);
  });

  it("whatever extensions are in it", async () => {
    const shim = await DirectShim.bundle();
    const value = { typeUrl: "some.thing", value: Buffer.from("else") };
    const result = await shim.startOn(
      "pipe",
      bootstrap(shim, { extensions: [{ value }, { value: undefined }] }),
    );
    expect(socketOf(result)).toBe(shim.socket);
    expect(shimPids(shim.id)).toHaveLength(1);
  });

  it.each([
    [LogLevel.LOG_LEVEL_ERROR, false],
    [LogLevel.LOG_LEVEL_INFO, true],
    [LogLevel.LOG_LEVEL_DEBUG, true],
  ])("and logs what level %i asks for", async (logLevel, logsInfo) => {
    const shim = await DirectShim.bundle();
    await execa("mkfifo", [`${shim.bundle}/log`]);
    const reader = execa("cat", [`${shim.bundle}/log`]);
    await shim.startOn("pipe", bootstrap(shim, { logLevel }));
    const task = await shim.connect();
    const { shimPid } = await task.connect();
    process.kill(shimPid, "SIGUSR1");
    // A signal has its turn before the answer to what is asked after it.
    await task.connect();
    await task.shutdown();
    expect((await reader).stdout.includes("shim: state")).toBe(logsInfo);
  });

  it("so that delete finds the socket of a killed shim", async () => {
    const shim = await DirectShim.bundle();
    const socketDir = `${await testFolder()}/sockets`;
    const socket = socketOf(await shim.startOn("pipe", bootstrap(shim, { socketDir })));
    const task = await shim.connect(socket);
    const { shimPid } = await task.connect();
    process.kill(shimPid, "SIGKILL");
    await task.client.closed;
    expect(existsSync(socket)).toBe(true);
    expect(await shim.run("delete")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(existsSync(socket)).toBe(false);
  });
});

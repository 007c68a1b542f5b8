import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  BootstrapParams,
  BootstrapResult,
  LogLevel,
} from "../../src/proto/generated/containerd/runtime/bootstrap/v1/bootstrap.ts";
import { DeleteResponse } from "../../src/proto/generated/containerd/task/v2/task.ts";
import { parseBootstrap } from "../../src/shim/bootstrap.ts";
import { socketPath } from "../../src/shim/socket_address.ts";
import { eventually } from "./eventually.ts";
import { launcher } from "./launcher_under_test.ts";

const project = join(dirname(fileURLToPath(import.meta.url)), "../..");
const address = "/run/rund-test/containerd.sock";
const namespace = "front";

let folder: string;
let bundle: string;
let shim: string;
let id: string;
let count = 0;

/** An installation of its own, whose full program only says that it was asked: what is under test is the front. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rund-front-"));
  bundle = join(folder, "bundle");
  for (const name of ["bundle", "bin", "libexec"]) mkdirSync(join(folder, name));
  execFileSync("cp", [launcher, join(folder, "libexec/rund-jail")]);
  writeFileSync(join(folder, "bin/rund"), '#!/bin/sh\necho "full $*"\nwhile :; do sleep 0.1; done\n', {
    mode: 0o755,
  });
  shim = join(folder, "bin/containerd-shim-rund-v1");
  symlinkSync("../libexec/rund-jail", shim);
  id = `front-${process.pid}-${count++}`;
});

afterEach(() => {
  spawnSync("pkill", ["-KILL", "-f", folder]);
  rmSync(socketPath(address, namespace, id), { force: true });
  rmSync(folder, { recursive: true });
});

const names = () => ["-namespace", namespace, "-address", address, "-publish-binary", "/bin/true", "-id", id];

function run(args: readonly string[], env: Record<string, string> = {}, input?: Uint8Array) {
  return spawnSync(shim, args, {
    cwd: bundle,
    env: { ...process.env, ...env },
    ...(input !== undefined && { input }),
    timeout: 5_000,
    killSignal: "SIGKILL",
  });
}

function isServed(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => resolve(socket.destroy() !== undefined)).once("error", () =>
      resolve(false),
    );
  });
}

describe("start", () => {
  it("listens where containerd looks, for root alone, and says so", async () => {
    const { status, stdout, stderr } = run([...names(), "start"]);
    const path = socketPath(address, namespace, id);
    expect({ status, stdout: stdout.toString(), stderr: stderr.toString() }).toEqual({
      status: 0,
      stdout: `unix://${path}`,
      stderr: "",
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(bundle, "address"), "utf8")).toBe(`unix://${path}`);
    expect(await isServed(path)).toBe(true);
  });

  it("gives the daemon its place, and nothing of its own streams", () => {
    run([...names(), "-debug", "start"]);
    const pid = execFileSync("pgrep", [
      "-o",
      "-f",
      `${folder}/bin/rund .*-id ${id} .*-log-level debug daemon$`,
    ])
      .toString()
      .trim();
    expect(pid).toMatch(/^\d+$/);
    expect(readlinkSync(`/proc/${pid}/cwd`)).toBe("/");
    const streams = [0, 1, 2].map((descriptor) => readlinkSync(`/proc/${pid}/fd/${descriptor}`));
    expect(streams).toEqual(["/dev/null", "/dev/null", join(bundle, "panic.log")]);
    expect(readlinkSync(`/proc/${pid}/fd/3`)).toMatch(/^socket:/);
  });

  it("answers the address of a daemon that lives, and takes over a dead one's socket", async () => {
    const first = run([...names(), "start"]).stdout.toString();
    expect(run([...names(), "start"]).stdout.toString()).toBe(first);
    spawnSync("pkill", ["-KILL", "-f", folder]);
    await eventually(async () => !(await isServed(socketPath(address, namespace, id))));
    expect(run([...names(), "start"]).stdout.toString()).toBe(first);
    expect(await isServed(socketPath(address, namespace, id))).toBe(true);
  });
});

describe("delete", () => {
  const remove = () => run([...names(), "-bundle", bundle, "delete"]);

  it("answers at once when nothing is left, and removes the socket", () => {
    run([...names(), "start"]);
    const before = Math.floor(Date.now() / 1000);
    const response = DeleteResponse.decode(remove().stdout);
    expect(response).toMatchObject({ pid: 0, exitStatus: 137 });
    expect(Number(response.exitedAt?.seconds)).toBeGreaterThanOrEqual(before);
    expect(existsSync(socketPath(address, namespace, id))).toBe(false);
  });

  it.each([
    ["rund.json", "{}"],
    ["panic.log", "it broke"],
    ["address", "unix:///somewhere/else"],
    ["address", '{"version":2,"address":"/run/s","protocol":"grpc"}'],
  ])("leaves a bundle with %s to the full program", (name, text) => {
    run([...names(), "start"]);
    writeFileSync(join(bundle, name), text);
    writeFileSync(join(folder, "bin/rund"), '#!/bin/sh\necho "full $*"\n', { mode: 0o755 });
    expect(remove().stdout.toString()).toBe(`full ${[...names(), "-bundle", bundle, "delete"].join(" ")}\n`);
  });
});

describe("what containerd writes to start", () => {
  beforeEach(() => {
    writeFileSync(join(folder, "bin/rund"), '#!/bin/sh\necho "full $*"\ncat\n', { mode: 0o755 });
  });

  it("goes to the full program, whole, when it names the container", () => {
    const message = Buffer.concat([
      Buffer.from([0x0a, id.length]),
      Buffer.from(id),
      Buffer.alloc(300_000, "x"),
    ]);
    const { stdout } = run([...names(), "start"], {}, message);
    const first = stdout.indexOf("\n") + 1;
    expect(stdout.subarray(0, first).toString()).toBe(`full ${[...names(), "start"].join(" ")}\n`);
    expect(stdout.subarray(first).equals(message)).toBe(true);
    expect(readdirSync(bundle)).toEqual([]);
  });

  const message = (more: Partial<BootstrapParams> = {}): Uint8Array =>
    BootstrapParams.encode(
      BootstrapParams.create({
        instanceId: id,
        namespace,
        containerdVersion: "2.3.4",
        containerdGrpcAddress: address,
        containerdTtrpcAddress: "/run/rund-test/events.sock",
        containerdBinary: "/bin/true",
        socketDir: dirname(socketPath(address, namespace, id)),
        ...more,
      }),
    ).finish();

  it("is answered in kind when it is the bootstrap message, which the daemon is told of", () => {
    writeFileSync(
      join(folder, "bin/rund"),
      '#!/bin/sh\ncd "$(dirname "$0")"; env >env; echo "$*" >arguments\n',
    );
    const extensions = [{ value: { typeUrl: "options", value: Buffer.from("of the runtime") } }];
    const input = message({ logLevel: LogLevel.LOG_LEVEL_DEBUG, extensions });
    const { stdout } = run([...names(), "-bundle", bundle, "start"], {}, input);
    const answer = `unix://${socketPath(address, namespace, id)}`;
    expect(BootstrapResult.decode(stdout)).toEqual(
      BootstrapResult.create({ version: 2, address: answer, protocol: "ttrpc" }),
    );
    expect(readFileSync(join(bundle, "address"), "utf8")).toBe(answer);
    expect(readdirSync(bundle).sort()).toEqual(["address", "panic.log"]);
    const told = () => ["env", "arguments"].map((name) => readFileSync(join(folder, "bin", name), "utf8"));
    return expect
      .poll(told)
      .toEqual([
        expect.stringContaining("TTRPC_ADDRESS=/run/rund-test/events.sock\n"),
        expect.stringContaining("-log-level debug daemon\n"),
      ]);
  });

  it.each([
    ["other folder for sockets", { socketDir: "/run/elsewhere" }],
    ["other namespace", { namespace: "other" }],
    ["path that is none", { containerdTtrpcAddress: "/run/a\0b" }],
    ["path that is too long", { containerdTtrpcAddress: `/${"x".repeat(5000)}` }],
  ] as const)("goes to the full program when it has some %s", (_what, more) => {
    const input = message(more);
    const { stdout } = run([...names(), "start"], {}, input);
    expect(stdout.subarray(-input.length).equals(input)).toBe(true);
    expect(readdirSync(bundle)).toEqual([]);
  });

  it("is read as the full program would read it, however it is damaged", async () => {
    const damaged = fc.tuple(fc.nat(), fc.nat(255), fc.nat()).map(([at, byte, length]) => {
      const bytes = Buffer.from(message());
      bytes[at % bytes.length] = byte;
      return bytes.subarray(0, length % 3 === 0 ? length % bytes.length : bytes.length);
    });
    const check = async (input: Buffer): Promise<void> => {
      const { status, stdout } = run([...names(), "start"], {}, input);
      expect(status).toBe(0);
      spawnSync("pkill", ["-KILL", "-f", `${folder}/bin/rund`]);
      const isFull = stdout.toString().startsWith("full");
      if (isFull) {
        expect(stdout.subarray(-input.length).equals(input)).toBe(true);
        return;
      }
      const isPlain = stdout.toString().startsWith("unix://");
      const parsed = await parseBootstrap(input, { id, namespace });
      expect(isPlain).toBe(parsed === undefined);
      if (!isPlain) expect(BootstrapResult.decode(stdout).protocol).toBe("ttrpc");
    };
    await fc.assert(fc.asyncProperty(damaged, check), { numRuns: 60 });
  });

  it.each([
    ["nothing", ""],
    ["options", "\x0a\x19runtimeoptions.v1.Options"],
    ["a great deal", "x".repeat(3_000_000)],
  ])("is of no account when it is %s", (_what, text) => {
    const { stdout } = run([...names(), "start"], {}, Buffer.from(text));
    expect(stdout.toString()).toBe(`unix://${socketPath(address, namespace, id)}`);
  });

  it.each([
    ["a pipe that says nothing and never ends", "mkfifo ../fifo; exec 9<>../fifo <../fifo"],
    ["a device that never ends", "exec </dev/zero"],
    ["no standard input at all", "exec <&-"],
  ])("may be %s", (_what, redirection) => {
    const script = `${redirection}; exec "$@"`;
    const { stdout } = spawnSync("sh", ["-c", script, "sh", shim, ...names(), "start"], {
      cwd: bundle,
      timeout: 5_000,
    });
    expect(stdout.toString()).toBe(`unix://${socketPath(address, namespace, id)}`);
  });
});

describe("whatever is not usual", () => {
  beforeEach(() => writeFileSync(join(folder, "bin/rund"), '#!/bin/sh\necho "full $*"\n', { mode: 0o755 }));

  it.each([
    [["-v"]],
    [["-info"]],
    [["-namespace", "n", "-id", "a/b", "-address", "/x", "start"]],
    [["-namespace", "n", "-id", "a", "-address", "/x/../y", "start"]],
    [["-namespace", "n", "-id", "a", "-address", "", "start"]],
    [["-namespace", "n", "-id", "a", "-address", "/x", "-bundle", "/b", "start"]],
    [["-namespace", "n", "-id=a", "-address", "/x", "start"]],
    [["-namespace", "n", "-id", "a", "-address", "/x", "nonsense"]],
    [["-id"]],
    [[]],
  ])("goes to the full program as it is: %j", (args) => {
    expect(run(args).stdout.toString()).toBe(`full ${args.join(" ")}\n`);
  });

  it("goes there with settings that change what start does", () => {
    expect(run([...names(), "start"], { RUND_GROUPING: "1" }).stdout.toString()).toMatch(/^full /);
    expect(run([...names(), "start"], { RUND_TRANSPORT: "grpc" }).stdout.toString()).toMatch(/^full /);
  });

  it("goes to the real one in the built tree", () => {
    const { stdout } = spawnSync(join(project, "dist/bin/containerd-shim-rund-v2"), ["-v"]);
    expect(stdout.toString()).toMatch(/^containerd-shim-rund-v2:\n {2}Version: {2}\d/);
  });
});

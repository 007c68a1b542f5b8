import { describe, expect, it } from "vitest";
import {
  BootstrapParams,
  LogLevel,
} from "../../../src/proto/generated/containerd/runtime/bootstrap/v1/bootstrap.ts";
import { Any } from "../../../src/proto/generated/google/protobuf/any.ts";
import { Options } from "../../../src/proto/generated/runtimeoptions/v1/options.ts";
import { parseBootstrap } from "../../../src/shim/bootstrap.ts";

const container = { id: "c1", namespace: "default" };

function message(params: Partial<BootstrapParams> = {}): Buffer {
  const whole = { instanceId: container.id, namespace: container.namespace, ...params };
  return Buffer.from(BootstrapParams.encode(BootstrapParams.create(whole)).finish());
}

function any(typeUrl: string, value: Uint8Array = new Uint8Array()): Buffer {
  return Buffer.from(Any.encode({ typeUrl, value }).finish());
}

describe("parseBootstrap", () => {
  it("reads what containerd 2.3 writes, options in an extension included", async () => {
    const options = Options.encode({ typeUrl: "t", configPath: "/c", configBody: Buffer.from("x") }).finish();
    const input = message({
      logLevel: LogLevel.LOG_LEVEL_DEBUG,
      containerdVersion: "v2.3.4",
      containerdTtrpcAddress: "/run/c.sock.ttrpc",
      containerdGrpcAddress: "/run/c.sock",
      containerdBinary: "/usr/bin/containerd",
      extensions: [{ value: { typeUrl: "runtimeoptions.v1.Options", value: options } }],
      socketDir: "/run/sockets",
    });
    expect(await parseBootstrap(input, container)).toEqual({
      logLevel: "debug",
      containerdVersion: "v2.3.4",
      ttrpcAddress: "/run/c.sock.ttrpc",
      grpcAddress: "/run/c.sock",
      socketFolder: "/run/sockets",
    });
  });

  it("has the usual values for what is not said", async () => {
    expect(await parseBootstrap(message(), container)).toEqual({
      logLevel: "info",
      containerdVersion: "",
      ttrpcAddress: "",
      grpcAddress: "",
      socketFolder: undefined,
    });
  });

  it.each([
    ["LOG_LEVEL_TRACE", "debug"],
    ["LOG_LEVEL_DEBUG", "debug"],
    ["LOG_LEVEL_INFO", "info"],
    ["LOG_LEVEL_WARN", "warning"],
    ["LOG_LEVEL_ERROR", "error"],
    ["LOG_LEVEL_FATAL", "error"],
    ["LOG_LEVEL_PANIC", "error"],
  ] as const)("takes %s for %s", async (level, expected) => {
    const input = message({ logLevel: LogLevel[level] });
    expect(await parseBootstrap(input, container)).toMatchObject({ logLevel: expected });
  });

  it.each([
    ["nothing", Buffer.alloc(0)],
    ["an empty Any", any("")],
    ["options of any runtime", any("runtimeoptions.v1.Options", Options.encode(Options.create()).finish())],
    ["options of runc", any("containerd.runc.v1.Options", Buffer.from([0x08, 1]))],
    ["options of another kind", any("containerd.linux.runc.CreateOptions")],
    ["an Any that names the container", any(container.id, Buffer.from("other"))],
    ["a message for another container", message({ instanceId: "c2" })],
    ["a message for another namespace", message({ namespace: "other" })],
    ["a message that was cut off", message({ socketDir: "/run/sockets" }).subarray(0, -3)],
    ["no message at all", Buffer.from("c1 and more")],
  ])("is undefined for %s", async (_what, input) => {
    expect(await parseBootstrap(input, container)).toBeUndefined();
  });
});

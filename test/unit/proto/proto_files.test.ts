import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadSync, type MessageTypeDefinition } from "@grpc/proto-loader";
import { describe, expect, test } from "vitest";
import { BootstrapParams } from "../../../src/proto/generated/containerd/runtime/bootstrap/v1/bootstrap.ts";
import { CreateTaskRequest, StateResponse } from "../../../src/proto/generated/containerd/task/v2/task.ts";
import { Status } from "../../../src/proto/generated/containerd/types/task.ts";

const protoDir = fileURLToPath(new URL("../../../proto", import.meta.url));
const files = readdirSync(protoDir, { recursive: true, encoding: "utf8" }).filter((name) =>
  name.endsWith(".proto"),
);

describe("proto/", () => {
  test("loads whole with proto-loader, under the names containerd serves", () => {
    const loaded = loadSync(files, { includeDirs: [protoDir] });
    expect(Object.keys(loaded)).toEqual(
      expect.arrayContaining([
        "containerd.task.v2.Task",
        "containerd.task.v3.Task",
        "containerd.services.containers.v1.Containers",
        "containerd.services.content.v1.Content",
        "containerd.services.diff.v1.Diff",
        "containerd.services.events.ttrpc.v1.Events",
        "containerd.services.events.v1.Events",
        "containerd.services.images.v1.Images",
        "containerd.services.leases.v1.Leases",
        "containerd.services.namespaces.v1.Namespaces",
        "containerd.services.snapshots.v1.Snapshots",
        "containerd.services.tasks.v1.Tasks",
        "containerd.services.version.v1.Version",
      ]),
    );
  });

  test("has task v2 and v3 alike, so that one set of codecs serves both", () => {
    const [v2, v3] = ["v2", "v3"].map((version) =>
      readFileSync(join(protoDir, `containerd/task/${version}/task.proto`), "utf8"),
    );
    expect(v3).toBe(v2?.replace("package containerd.task.v2;", "package containerd.task.v3;"));
  });
});

/** Two implementations from one text: what the generated codec writes, protobufjs must read, and the other way. */
describe("generated codecs", () => {
  const loaded = loadSync(files, { includeDirs: [protoDir], longs: String, defaults: true });
  const peer = (name: string) => loaded[name] as MessageTypeDefinition<object, object>;

  test("agree with protobufjs on every kind of field", () => {
    const state = StateResponse.create({
      id: "c",
      pid: 0xffff_ffff,
      status: Status.PAUSED,
      terminal: true,
      exitedAt: { seconds: -5n, nanos: 6 },
    });
    const type = peer("containerd.task.v2.StateResponse");
    const seen = type.deserialize(Buffer.from(StateResponse.encode(state).finish()));
    expect(seen).toMatchObject({ id: "c", pid: 0xffff_ffff, terminal: true, exitedAt: { seconds: "-5" } });
    expect(StateResponse.decode(type.serialize(seen))).toEqual(state);
  });

  test("skip fields of a later containerd", () => {
    const later = Buffer.concat([
      CreateTaskRequest.encode(CreateTaskRequest.create({ id: "c" })).finish(),
      // Field 500, length-delimited; field 501, varint; field 502, 64 bits.
      Buffer.from([0xa2, 0x1f, 2, 1, 1, 0xa8, 0x1f, 5, 0xb1, 0x1f, 1, 2, 3, 4, 5, 6, 7, 8]),
    ]);
    expect(CreateTaskRequest.decode(later)).toEqual(CreateTaskRequest.create({ id: "c" }));
  });

  test("keep negative enum values and tell an absent string from an empty one", () => {
    const type = peer("containerd.runtime.bootstrap.v1.BootstrapParams");
    const bytes = type.serialize({ instanceId: "c", logLevel: "LOG_LEVEL_DEBUG" });
    expect(BootstrapParams.decode(bytes)).toMatchObject({
      instanceId: "c",
      logLevel: -4,
      socketDir: undefined,
    });
    expect(BootstrapParams.decode(type.serialize({ socketDir: "" })).socketDir).toBe("");
  });
});

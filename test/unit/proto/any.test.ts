import { describe, expect, test } from "vitest";
import { Code } from "../../../src/common/error.ts";
import { anyIs, packAny, packJson, unpackAny } from "../../../src/proto/any.ts";
import { TaskExit, TaskStart } from "../../../src/proto/generated/containerd/events/task.ts";
import { ProcessDetails } from "../../../src/proto/generated/containerd/runc/v1/options.ts";

const start = { containerId: "c", pid: 7 };

describe("Any", () => {
  test("carries the bare message name, as containerd compares it exactly", () => {
    expect(packAny(TaskStart, start).typeUrl).toBe("containerd.events.TaskStart");
    expect(packAny(ProcessDetails, { execId: "e" }).typeUrl).toBe("containerd.runc.v1.ProcessDetails");
  });

  test("gives its message back, also when a client put a prefix", () => {
    const any = packAny(TaskStart, start);
    expect(unpackAny(any, TaskStart)).toEqual(start);
    expect(unpackAny({ ...any, typeUrl: `type.googleapis.com/${any.typeUrl}` }, TaskStart)).toEqual(start);
  });

  test("of another type or of broken bytes is an invalid argument", () => {
    const any = packAny(TaskStart, start);
    const refused = expect.objectContaining({ code: Code.invalidArgument });
    expect(() => unpackAny(any, TaskExit)).toThrow(refused);
    expect(() => unpackAny({ ...any, value: Uint8Array.of(0x0a, 0x7f) }, TaskStart)).toThrow(refused);
    expect(() => unpackAny({ typeUrl: "", value: any.value }, TaskStart)).toThrow(/nameless/);
  });

  test("is not taken for a type whose name only ends alike", () => {
    expect(anyIs({ typeUrl: "x.containerd.events.TaskStart", value: new Uint8Array(0) }, TaskStart)).toBe(
      false,
    );
  });

  test("of JSON keeps the document", () => {
    const url = "types.containerd.io/opencontainers/runtime-spec/1/Process";
    const any = packJson(url, { args: ["ü"] });
    expect(any.typeUrl).toBe(url);
    expect(JSON.parse(Buffer.from(any.value).toString())).toEqual({ args: ["ü"] });
  });
});

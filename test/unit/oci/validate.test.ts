import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RundError } from "../../../src/common/error.ts";
import { assertProcess, assertSpec } from "../../../src/oci/validate.ts";

describe("assertSpec", () => {
  it.each([
    {},
    { process: null, root: {}, mounts: null, linux: {} },
    {
      process: {
        args: ["sh"],
        user: { uid: 0, gid: 4294967294, additionalGids: [1] },
        rlimits: [{ type: "RLIMIT_NOFILE", soft: 1, hard: 2 }],
      },
    },
    {
      mounts: [{ destination: "/proc", type: "proc", options: null }],
      linux: { namespaces: [{ type: "pid" }] },
    },
  ])("takes %j", (spec) => {
    expect(() => assertSpec("config.json", spec)).not.toThrow();
  });

  it.each([
    [[], "config.json: must be an object"],
    [null, "config.json: must be an object"],
    [{ process: "sh" }, "config.json: process: must be an object"],
    [{ process: { args: "sh" } }, "config.json: process: args: must be a list"],
    [{ process: { args: ["sh", 1] } }, "config.json: process: args[1]: must be a string"],
    [{ process: { args: ["a\0b"] } }, "config.json: process: args[0]: must be a string without NUL"],
    [
      { process: { user: { uid: -1 } } },
      "config.json: process: user: uid: must be a whole number from 0 to 4294967294",
    ],
    [
      { process: { user: { uid: 4294967295 } } },
      "config.json: process: user: uid: must be a whole number from 0 to 4294967294",
    ],
    [
      { process: { capabilities: { bounding: "CAP_KILL" } } },
      "config.json: process: capabilities: bounding: must be a list",
    ],
    [
      { process: { oomScoreAdj: 1001 } },
      "config.json: process: oomScoreAdj: must be a whole number from -1000 to 1000",
    ],
    [
      { hooks: { poststop: [{ path: "bin/x" }] } },
      "config.json: hooks: poststop[0]: path: must be an absolute path",
    ],
    [
      { hooks: { prestart: [{ path: "/x", timeout: 0 }] } },
      "config.json: hooks: prestart[0]: timeout: must be a whole number from 1 to 2147483647",
    ],
    [{ mounts: [{ type: "proc" }] }, "config.json: mounts[0]: destination: must be a string"],
    [{ root: { readonly: "yes" } }, "config.json: root: readonly: must be true or false"],
  ])("refuses %j", (spec, message) => {
    expect(() => assertSpec("config.json", spec)).toThrow(message);
  });

  it("answers any JSON with nothing or a RundError", () => {
    const keys = fc.constantFrom(
      "process",
      "root",
      "mounts",
      "linux",
      "args",
      "user",
      "uid",
      "path",
      "namespaces",
    );
    const json = fc.letrec((tie) => ({
      value: fc.oneof(fc.jsonValue(), fc.dictionary(keys, tie("value")), fc.array(tie("value"))),
    })).value;
    fc.assert(
      fc.property(json, (value) => {
        try {
          assertSpec("config.json", value);
        } catch (error) {
          expect(error).toBeInstanceOf(RundError);
        }
      }),
    );
  });
});

describe("assertProcess", () => {
  it("names the field in an exec's document too", () => {
    expect(() => assertProcess("exec: spec", { cwd: 1 })).toThrow("exec: spec: cwd: must be a string");
  });
});

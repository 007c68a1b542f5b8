import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { packAny } from "../../../src/proto/any.ts";
import { Options } from "../../../src/proto/generated/runtimeoptions/v1/options.ts";
import { runtimeOptions } from "../../../src/shim/runtime_options.ts";

const read = (fields: Partial<Options>) => runtimeOptions(packAny(Options, Options.create(fields)));
const body = (text: string) => ({ configBody: new TextEncoder().encode(text) });

it("come from a file or as text", () => {
  const folder = mkdtempSync(join(tmpdir(), "rund-options-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(`${folder}/options.json`, '{ "isolation": "user" }\n');
  expect(read({ configPath: `${folder}/options.json` })).toEqual({ isolation: "user" });
  expect(read(body('{"isolation":"chroot"}'))).toEqual({ isolation: "chroot" });
  expect(() => read({ configPath: `${folder}/none` })).toThrow(
    `runtime options: open ${folder}/none: no such file or directory`,
  );
});

it("may say nothing, and those of other runtimes do", () => {
  expect(read({})).toEqual({});
  expect(read(body("{}"))).toEqual({});
  const other = { typeUrl: "containerd.runc.v1.Options", value: new Uint8Array([255]) };
  expect(runtimeOptions(other)).toEqual({});
});

it.each([
  ["isolation = 'user'", "runtime options: not JSON"],
  ["[]", "runtime options: must be an object"],
  ["null", "runtime options: must be an object"],
  ['{"isolation":1}', "runtime options: isolation: must be chroot or user, not 1"],
  ['{"Isolation":"user"}', 'runtime options: unknown "Isolation"'],
])("that are wrong are refused: %s", (text, message) => {
  expect(() => read(body(text))).toThrow(message);
});

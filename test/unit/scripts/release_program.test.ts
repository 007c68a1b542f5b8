import { describe, expect, it } from "vitest";
import { assertProgram } from "../../../scripts/release_program.ts";
import { signProgram } from "../../../scripts/sign_program.ts";

const text = 3 * 4096 + 100;

/** A Mach-O file with what matters here: two segments, a library, a version, and a place for a signature at the end. */
function machO({ processor = 0x0100000c, library = "/usr/lib/libSystem.B.dylib", macos = 11 } = {}): Buffer {
  const command = (kind: number, body: Buffer) => {
    const head = Buffer.alloc(8);
    head.writeUInt32LE(kind, 0);
    head.writeUInt32LE(8 + body.length, 4);
    return Buffer.concat([head, body]);
  };
  const segment = (name: string, at: number, size: number) => {
    const body = Buffer.alloc(64);
    body.write(name, 0, "latin1");
    body.writeBigUInt64LE(BigInt(at), 32);
    body.writeBigUInt64LE(BigInt(size), 40);
    return command(0x19, body);
  };
  const words = (...values: number[]) =>
    Buffer.concat(
      values.map((value) => {
        const word = Buffer.alloc(4);
        word.writeUInt32LE(value);
        return word;
      }),
    );
  const commands = [
    segment("__TEXT", 0, text),
    segment("__LINKEDIT", text, 64),
    command(0xc, Buffer.concat([words(24, 0, 0, 0), Buffer.from(library.padEnd(32, "\0"))])),
    command(0x32, words(1, macos << 16, 0, 0)),
    command(0x1d, words(text, 64)),
  ];
  const body = Buffer.concat(commands);
  const program = Buffer.alloc(text + 64, 7);
  Buffer.concat([words(0xfeedfacf, processor, 0, 2, commands.length, body.length, 0, 0), body]).copy(program);
  return program;
}

describe("a program for macOS", () => {
  it("passes once it is signed, for arm64 and for Intel", () => {
    for (const [kind, processor] of [
      ["darwin-arm64", 0x0100000c],
      ["darwin-x64", 0x01000007],
    ] as const) {
      const program = machO({ processor });
      expect(() => assertProgram(program, kind)).toThrow("its signature is damaged");
      expect(() => assertProgram(signProgram(program, "rund"), kind)).not.toThrow();
    }
  });

  it("fails when any byte has changed since", () => {
    for (const at of [5, 4096, text - 1]) {
      const program = signProgram(machO(), "rund");
      program[at] = (program[at] ?? 0) ^ 1;
      expect(() => assertProgram(program, "darwin-arm64")).toThrow(
        at === 5 ? "is a program for" : "does not fit page",
      );
    }
  });

  it("is signed in the same way twice", () => {
    const once = signProgram(machO(), "rund");
    expect(signProgram(once, "rund").equals(once)).toBe(true);
  });

  it.each([
    [{ processor: 0x01000007 }, "is a program for darwin-x64, not for darwin-arm64"],
    [{ library: "/opt/homebrew/lib/libfoo.dylib" }, "loads /opt/homebrew/lib/libfoo.dylib"],
    [{ macos: 14 }, "needs macOS 14"],
  ])("is refused: %j", (fields, reason) => {
    expect(() => assertProgram(signProgram(machO(fields), "rund"), "darwin-arm64")).toThrow(reason);
  });
});

it("programs for Linux are told by their machine", () => {
  const elf = Buffer.alloc(64);
  elf.write("\x7fELF\x02", 0, "latin1");
  elf.writeUInt16LE(183, 18);
  expect(() => assertProgram(elf, "linux-arm64")).not.toThrow();
  expect(() => assertProgram(elf, "linux-x64")).toThrow("is a program for linux-arm64");
  expect(() => assertProgram(Buffer.alloc(64), "linux-x64")).toThrow("is a program for nothing known");
});

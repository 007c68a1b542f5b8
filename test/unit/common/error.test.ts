import { mkdtempSync, openSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Code, errnoText, systemError } from "../../../src/common/error.ts";

function thrown(body: () => unknown): unknown {
  try {
    return body();
  } catch (error) {
    return error;
  }
}

describe("errnoText", () => {
  it("is strerror's text, also where libuv has its own", () => {
    const folder = mkdtempSync(join(tmpdir(), "error-"));
    symlinkSync("circle", join(folder, "circle"));
    expect(errnoText(thrown(() => openSync(join(folder, "none"), "r")))).toBe("no such file or directory");
    expect(errnoText(thrown(() => openSync(folder, "w")))).toBe("is a directory");
    expect(errnoText(thrown(() => openSync(join(folder, "circle"), "r")))).toBe(
      "too many levels of symbolic links",
    );
    expect(errnoText(thrown(() => openSync(join(folder, "x".repeat(300)), "r")))).toBe("file name too long");
    rmSync(folder, { recursive: true });
  });

  it("of another error is its message", () => {
    expect(errnoText(new Error("what happened"))).toBe("what happened");
    expect(errnoText("thrown text")).toBe("thrown text");
  });
});

describe("systemError", () => {
  it("names the subject and has the errno's code", () => {
    const error = systemError(
      "open /",
      thrown(() => openSync("/", "w")),
    );
    expect(error).toMatchObject({ code: Code.invalidArgument, message: "open /: is a directory" });
  });
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { darwinFuseProvider } from "../../../src/platform/darwin_fuse.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rund-fuse-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** As a Mach-O program names the libraries that it loads. */
function install(library: string): void {
  writeFileSync(
    join(folder, "bindfs"),
    Buffer.from(`\xcf\xfa\xed\xfe\0\0/usr/local/lib/${library}\0\0`, "latin1"),
  );
}

describe("darwinFuseProvider", () => {
  it.each([
    ["libfuse.2.dylib", "macfuse"],
    ["libfuse3.4.dylib", "macfuse"],
    ["libfuse-t.dylib", "fuse-t"],
    ["libfuse-t-1.0.49.dylib", "fuse-t"],
  ])("tells by the library that bindfs loads: %s", (library, provider) => {
    install(library);
    expect(darwinFuseProvider({ PATH: `/nowhere:${folder}` })).toBe(provider);
  });

  it("takes macFUSE when there is no bindfs", () => {
    expect(darwinFuseProvider({ PATH: "/nowhere" })).toBe("macfuse");
    expect(darwinFuseProvider({})).toBe("macfuse");
  });

  it("believes RUND_FUSE first", () => {
    install("libfuse-t.dylib");
    expect(darwinFuseProvider({ PATH: folder, RUND_FUSE: "macfuse" })).toBe("macfuse");
    expect(() => darwinFuseProvider({ RUND_FUSE: "osxfuse" })).toThrow("RUND_FUSE: must be auto or macfuse");
  });
});

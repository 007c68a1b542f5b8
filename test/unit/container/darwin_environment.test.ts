import { describe, expect, it } from "vitest";
import { darwinEnvironment } from "../../../src/container/darwin_environment.ts";
import type { Spec } from "../../../src/oci/spec.ts";

function spec(annotations: Readonly<Record<string, string>> = {}): Spec {
  return { ociVersion: "1.2.0", annotations };
}

describe("the environment of a process on macOS", () => {
  it("has a folder for temporary files, unless the spec names one", () => {
    expect(darwinEnvironment(["A=1"], spec())).toEqual(["A=1", "TMPDIR=/private/tmp"]);
    expect(darwinEnvironment(["TMPDIR=/t"], spec())).toEqual(["TMPDIR=/t"]);
    expect(darwinEnvironment(["TMPDIR=", "TMPDIRS=1"], spec())).toEqual(["TMPDIR=", "TMPDIRS=1"]);
  });

  it("keeps the host's users out where the annotation says so", () => {
    const own = spec({ "dev.rund.users": "jail" });
    expect(darwinEnvironment([], own)).toEqual(["TMPDIR=/private/tmp", "XBS_DISABLE_LIBINFO=YES"]);
    const set = ["TMPDIR=/t", "XBS_DISABLE_LIBINFO=NO"];
    expect(darwinEnvironment(set, own)).toEqual(set);
    expect(darwinEnvironment([], spec({ "dev.rund.users": "host" }))).toEqual(["TMPDIR=/private/tmp"]);
  });

  it("is an error for another word", () => {
    expect(() => darwinEnvironment([], spec({ "dev.rund.users": "image" }))).toThrow(
      'annotation dev.rund.users: must be host or jail, not "image"',
    );
  });
});

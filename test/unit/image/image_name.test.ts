import { describe, expect, it } from "vitest";
import { fullName, tagOf } from "../../../src/image/image_name.ts";

describe("an image's name", () => {
  it.each([
    ["macos", "docker.io/library/macos:latest"],
    ["macos:15.5", "docker.io/library/macos:15.5"],
    ["me/tools", "docker.io/me/tools:latest"],
    ["docker.io/macos", "docker.io/library/macos:latest"],
    ["ghcr.io/me/macos:15", "ghcr.io/me/macos:15"],
    ["localhost/x", "localhost/x:latest"],
    ["localhost:5000/x:y", "localhost:5000/x:y"],
  ])("%s is %s in full", (name, full) => {
    expect(fullName(name)).toBe(full);
  });

  it.each(["", "Macos", "macos:", "a//b", "/a", "a/", "a b", "macos@sha256:00", "x:y:z", "a:b/c"])(
    "%s is none",
    (name) => {
      expect(() => fullName(name)).toThrow("is no name of an image");
    },
  );

  it("ends with its tag", () => {
    expect(tagOf("localhost:5000/x:y")).toBe("y");
  });
});

import { expect, it } from "vitest";
import { isBefore, readVersion } from "../../../../src/cli/doctor/version.ts";

it.each([
  ["containerd github.com/containerd/containerd/v2 2.1.9 1f2a\n", [2, 1, 9]],
  ["containerd containerd.io 1.7.24 88bf19b", [1, 7, 24]],
  ["Docker version 28.5.2+dfsg3, build ecc6942", [28, 5, 2]],
  ["buildkitd github.com/moby/buildkit v0.32.2 abc", [0, 32, 2]],
  ["bindfs 1.14.7", [1, 14, 7]],
  ["26.0", [26, 0, 0]],
  ["no version", undefined],
])("readVersion(%j)", (text, version) => {
  expect(readVersion(text)).toEqual(version);
});

it("isBefore compares part by part", () => {
  expect(isBefore([1, 9, 0], [1, 10, 0])).toBe(true);
  expect(isBefore([2, 0, 0], [1, 10, 0])).toBe(false);
  expect(isBefore([1, 2, 3], [1, 2, 3])).toBe(false);
});

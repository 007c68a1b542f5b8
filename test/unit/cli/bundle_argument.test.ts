import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bundleArgument } from "../../../src/cli/bundle_argument.ts";
import { ContainerStore } from "../../../src/cli/container_store.ts";

let folder: string;
let store: ContainerStore;
const before = process.cwd();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rund-cli-"));
  store = new ContainerStore(join(folder, "state"));
  mkdirSync(join(folder, "bundle"));
  writeFileSync(join(folder, "bundle/config.json"), "{}");
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

describe("the word of rund run", () => {
  it("is the id where a bundle is given", () => {
    expect(bundleArgument("bundle", "elsewhere", store)).toEqual({
      id: "bundle",
      bundle: join(folder, "elsewhere"),
    });
  });

  it.each(["bundle", "./bundle", "bundle/", "../x/../bundle"])(
    "is the bundle where it can be nothing else: %s",
    (word) => {
      mkdirSync(join(folder, "../x"), { recursive: true });
      process.chdir(folder);
      const { id, bundle } = bundleArgument(word.replace("../x/..", "."), undefined, store);
      expect([id, bundle]).toEqual(["bundle", join(folder, "bundle")]);
    },
  );

  it("is the id where the working directory is a bundle, as with runc", () => {
    writeFileSync("config.json", "{}");
    expect(bundleArgument("bundle", undefined, store)).toEqual({ id: "bundle", bundle: folder });
    expect(bundleArgument("./bundle", undefined, store).bundle).toBe(join(folder, "bundle"));
  });

  it("is the id where there is no such folder", () => {
    expect(bundleArgument("one", undefined, store)).toEqual({ id: "one", bundle: folder });
  });

  it("makes an id of the folder's name that no container has", () => {
    for (const expected of ["bundle", "bundle-2", "bundle-3"]) {
      const { id } = bundleArgument("bundle", undefined, store);
      expect(id).toBe(expected);
      mkdirSync(store.folder(id), { recursive: true });
    }
  });

  it("makes an id of any name", () => {
    mkdirSync("my bundle (1)");
    expect(bundleArgument("./my bundle (1)", undefined, store).id).toBe("my-bundle--1-");
    expect(bundleArgument("/", undefined, store).id).toBe("container");
  });
});

import { cp } from "node:fs/promises";
import { hostname } from "node:os";
import { expect, inject, it } from "vitest";
import { projectFolder } from "../harness/project_paths.ts";
import { containerId, runtimes } from "./support/runtimes.ts";

const { rund } = runtimes();

/** Not the busybox tree that scripts/demo has put there. */
const isOfTheExample = (path: string) => !/hello\/rootfs\/(?!usr(\/local|$))/.test(path);

it("the example bundle runs from its folder alone", async () => {
  const { folder, rootfs } = inject("runtime");
  const bundle = `${folder}/${containerId(rund)}`;
  await cp(rootfs, `${bundle}/rootfs`, { recursive: true, verbatimSymlinks: true });
  await cp(`${projectFolder}/bundle-examples/hello`, bundle, { recursive: true, filter: isOfTheExample });
  const { stdout, stderr } = await rund.ok(["run", bundle]);
  expect(stdout.split("\n")).toEqual(
    expect.arrayContaining([
      "Hello from a jail!",
      "  user:       root (0:0)",
      "  directory:  /home",
      `  host name:  ${hostname()}`,
    ]),
  );
  expect(stderr).toBe("");
});

it("without a shell in it, the example says what is missing", async () => {
  const bundle = `${inject("runtime").folder}/${containerId(rund)}`;
  await cp(`${projectFolder}/bundle-examples/hello`, bundle, { recursive: true, filter: isOfTheExample });
  const { exitCode, stderr } = await rund.run(["run", bundle]);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/no such file or directory/);
});

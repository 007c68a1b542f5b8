import { expect, it } from "vitest";
import { copyRootfs, shared } from "../harness/shared.ts";
import { uniqueId } from "../harness/unique_id.ts";
import { ApiContainer } from "./support/api_container.ts";
import { jailSpec } from "./support/jail_spec.ts";

const { ctr, api, rootfs } = shared();

/** Runs `body` with 0 to count-1, `lanes` of them at a time; a lane runs its own one after another. */
async function inLanes(count: number, lanes: number, body: (index: number, lane: number) => Promise<void>) {
  let next = 0;
  const run = async (lane: number) => {
    while (next < count) await body(next++, lane);
  };
  await Promise.all(Array.from({ length: lanes }, (_, lane) => run(lane)));
}

/** What a fast writer writes and ends with, and what must come of it. */
function writer(index: number) {
  const numbers = Array.from({ length: 20 }, (_, line) => `${line + 1}\n`).join("");
  const args = ["/bin/sh", "-c", `seq 1 20; echo last ${index}; echo error ${index} >&2; exit ${index}`];
  const stdout = `${numbers}last ${index}\n`;
  return { args, expected: { exitCode: index, stdout, stderr: `error ${index}\n` } };
}

it("256 fast writers in a row lose no last line, and end with each code there is", async () => {
  const roots = [rootfs, await copyRootfs(), await copyRootfs()];
  await inLanes(256, roots.length, async (index, lane) => {
    const { args, expected } = writer(index);
    const container = await ApiContainer.create(api, jailSpec({ rootfs: roots[lane] ?? rootfs, args }));
    expect(await container.finish()).toEqual(expected);
    await container.delete();
  });
});

it("25 fast writers in a row, run by ctr, lose no last line", async () => {
  for (let index = 0; index < 25; index++) {
    const { args, expected } = writer(index);
    expect(await ctr.runContainer(args, { rootfs })).toMatchObject(expected);
  }
});

it("50 fast writing execs in a row lose no last line", async () => {
  const container = await ApiContainer.run(api, jailSpec({ rootfs, args: ["sleep", "1000"] }), {
    nullIo: true,
  });
  await inLanes(50, 3, async (index) => {
    const exec = ["task", "exec", "--exec-id", uniqueId("x"), container.id, "echo", `hi ${index}`];
    expect(await ctr.run(exec)).toMatchObject({ exitCode: 0, stdout: `hi ${index}\n`, stderr: "" });
  });
});

it("20 fast writers on a terminal lose no last line", async () => {
  for (let index = 0; index < 20; index++) {
    const spec = jailSpec({ rootfs, args: ["sh", "-c", `seq 1 20; echo last ${index}`], terminal: true });
    const container = await ApiContainer.create(api, spec);
    const { stdout } = await container.finish();
    expect(stdout).toMatch(new RegExp(`20\r\nlast ${index}\r\n$`));
    await container.delete();
  }
});

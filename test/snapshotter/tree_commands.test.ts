import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import type { Readable } from "node:stream";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { requireSuccess } from "../../src/snapshotter/launcher_error.ts";
import { TreeCommands } from "../../src/snapshotter/tree_commands.ts";
import { treeRequest } from "../../src/snapshotter/tree_frames.ts";
import { launcher } from "../launcher/launcher_under_test.ts";
import { descriptorsOf, isAlive } from "../launcher/proc_status.ts";

/** A tree whose clone takes long enough to be met under way. */
let large: string;
let folder: string;
let commands: TreeCommands;

beforeAll(() => {
  large = mkdtempSync("/tmp/rund-large-tree-");
  for (let at = 0; at < 3_000; at++) {
    if (at % 100 === 0) mkdirSync(`${large}/${at / 100}`);
    writeFileSync(`${large}/${Math.floor(at / 100)}/${at}`, "x");
  }
});

afterAll(() => rmSync(large, { recursive: true }));

beforeEach(() => {
  folder = mkdtempSync("/tmp/rund-tree-commands-");
  commands = new TreeCommands(launcher);
});

afterEach(async () => {
  await commands.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Resolves once the clone has begun. */
async function begun(tree: string): Promise<void> {
  await expect.poll(() => existsSync(tree), { interval: 1, timeout: 10_000 }).toBe(true);
}

function pid(): number {
  return commands.start().pid ?? 0;
}

function workersOf(process: number): number[] {
  const text = readFileSync(`/proc/${process}/task/${process}/children`, "utf8");
  return text.split(" ").filter(Boolean).map(Number);
}

describe("commands for trees", () => {
  test("answer as they do when each is started by itself", async () => {
    const [one, two] = [`${folder}/o'ne \n`, `${folder}/two`];
    requireSuccess(await commands.run(["tree", one]), "make");
    writeFileSync(`${one}/file`, "content");
    const cloned = requireSuccess(await commands.run(["clone", one, two]), "clone");
    expect(JSON.parse(cloned)).toMatchObject({ cloned: expect.stringMatching(/^\d+\.\d{9}$/) });
    expect(readFileSync(`${two}/file`, "utf8")).toBe("content");
    expect(JSON.parse(requireSuccess(await commands.run(["usage", two]), "usage"))).toMatchObject({
      inodes: 2,
    });
    expect(await commands.run(["clone", one, two])).toMatchObject({
      status: 1,
      stderr: `EEXIST ${two}: file exists\n`,
    });
    for (const tree of [one, two]) requireSuccess(await commands.run(["remove", tree]), "remove");
    expect(readdirSync(folder)).toEqual([]);
  });

  test("are done many at once, each with its own answer", async () => {
    mkdirSync(`${folder}/from`);
    const names = Array.from({ length: 100 }, (_, at) => `${folder}/${at}`);
    const results = await Promise.all(
      names.map((name, at) =>
        commands.run(["clone", at % 2 === 0 ? `${folder}/from` : `${name}-none`, name]),
      ),
    );
    for (const [at, { status, stderr }] of results.entries())
      expect([status, stderr]).toEqual(
        at % 2 === 0 ? [0, ""] : [1, `ENOENT ${names[at]}-none: no such file or directory\n`],
      );
  });

  test("that are given up are ended, and nothing else is", async () => {
    const controller = new AbortController();
    const before = pid();
    const given = commands.run(["clone", large, `${folder}/given-up`], controller.signal);
    const other = commands.run(["clone", large, `${folder}/other`]);
    await begun(`${folder}/given-up`);
    controller.abort();
    expect(await given).toMatchObject({ status: -1 });
    expect(await other).toMatchObject({ status: 0 });
    expect(await commands.run(["tree", `${folder}/never`], AbortSignal.abort())).toBeDefined();
    expect(pid()).toBe(before);
  });

  test("that die take no other with them", async () => {
    const before = pid();
    const result = commands.run(["clone", large, `${folder}/died`]);
    await begun(`${folder}/died`);
    for (const worker of workersOf(before)) process.kill(worker, "SIGKILL");
    expect(await result).toMatchObject({ status: -1 });
    expect(await commands.run(["remove", `${folder}/died`])).toMatchObject({ status: 0 });
    expect(pid()).toBe(before);
  });

  test("fail when the launcher dies, and the next one has another", async () => {
    const before = pid();
    const results = ["one", "two"].map((name) => commands.run(["clone", large, `${folder}/${name}`]));
    await begun(`${folder}/one`);
    const workers = workersOf(before);
    expect(workers.length).toBeGreaterThan(0);
    process.kill(before, "SIGKILL");
    for (const result of results)
      await expect(result).rejects.toThrow("launcher: ended before it had answered");
    await expect.poll(() => workers.filter(isAlive)).toEqual([]);
    for (const name of ["one", "two"])
      expect(await commands.run(["remove", `${folder}/${name}`])).toMatchObject({ status: 0 });
    expect(readdirSync(folder)).toEqual([]);
    expect(pid()).not.toBe(before);
  });

  test("a thousand of them leave no descriptor and no process behind", async () => {
    mkdirSync(`${folder}/from`);
    const count = async (times: number) => {
      for (let at = 0; at < times; at++) {
        await commands.run(["clone", `${folder}/from`, `${folder}/to`]);
        await commands.run(["remove", `${folder}/to`]);
      }
      return [descriptorsOf(pid()).size, descriptorsOf("self").size, workersOf(pid()).length];
    };
    const before = await count(10);
    // The checked launcher takes its time at each end of a process.
    expect(await count(process.env["RUND_TEST_SANITIZED"] === "1" ? 50 : 500)).toEqual(before);
  }, 60_000);

  test("cannot be run without a launcher", async () => {
    const none = new TreeCommands(`${folder}/none`);
    await expect(none.run(["tree", `${folder}/tree`])).rejects.toThrow(/^launcher: .*ENOENT/);
    await none.stop();
  });
});

describe("the launcher that runs them", () => {
  let holder: ChildProcess;
  let served: number;

  beforeEach(async () => {
    // Its input, descriptor 3 of the shell, is held by this process too: it is not that which ends.
    holder = spawn("sh", ["-c", `"$0" trees <&3 & echo $!; wait`, launcher], {
      stdio: ["ignore", "pipe", "ignore", "pipe"],
    });
    const [line] = await once(holder.stdout as Readable, "data");
    served = Number(line);
  });

  function ask(args: readonly string[]): void {
    (holder.stdio[3] as NodeJS.WritableStream).write(treeRequest(1, args));
  }

  test("ends with who started it, and so does what is under way", async () => {
    ask(["clone", large, `${folder}/to`]);
    await begun(`${folder}/to`);
    const workers = workersOf(served);
    holder.kill("SIGKILL");
    await expect.poll(() => [served, ...workers].filter(isAlive)).toEqual([]);
  });

  test("ends with its input, and so does what is under way", async () => {
    ask(["clone", large, `${folder}/to`]);
    await begun(`${folder}/to`);
    const workers = workersOf(served);
    (holder.stdio[3] as NodeJS.WritableStream).end();
    await once(holder, "exit");
    expect([served, ...workers].filter(isAlive)).toEqual([]);
  });

  test("ends at a request that it does not know", async () => {
    ask(["exec", "/bin/sh"]);
    await once(holder, "exit");
    expect(isAlive(served)).toBe(false);
  });
});

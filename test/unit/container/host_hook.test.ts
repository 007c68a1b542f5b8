import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Code } from "../../../src/common/error.ts";
import { Hooks } from "../../../src/container/hooks.ts";
import { runHostHook } from "../../../src/container/host_hook.ts";
import type { Hooks as HookLists } from "../../../src/oci/spec.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rund-hook-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

const shell = (script: string, more: object = {}) => ({
  path: "/bin/sh",
  args: ["sh", "-c", script],
  ...more,
});
const run = (script: string, more: object = {}) =>
  runHostHook(shell(script, more), { state: "{}", cwd: folder });
const text = (name: string) => readFileSync(join(folder, name), "utf8");

describe("a hook on the host", () => {
  it("gets the state, its arguments, the bundle as working directory, and its own environment alone", async () => {
    const script = `cat >state; pwd >cwd; tr '\\0' '\\n' </proc/$$/cmdline >args; tr '\\0' '\\n' </proc/$$/environ >env`;
    const hook = { path: "/bin/sh", args: ["other", "-c", script, "x y"], env: ["A=b=c", "B="] };
    await runHostHook(hook, { state: '{"id":"c1"}', cwd: folder });
    expect(text("state")).toBe('{"id":"c1"}');
    expect(text("cwd").trim()).toBe(folder);
    expect(text("args").split("\n")).toEqual(["other", "-c", script, "x y", ""]);
    expect(text("env")).toBe("A=b=c\nB=\n");
  });

  it("may leave its input unread, write much, and leave something in the background", async () => {
    const state = "x".repeat(1_000_000);
    await runHostHook(shell("exec 0<&-; head -c 1000000 /dev/zero >&2; sleep 60 & echo $! >pid"), {
      state,
      cwd: folder,
    });
    process.kill(Number(text("pid")), "SIGKILL");
  });

  it.each([
    ["exit 3", {}, Code.aborted, "exit status 3"],
    ["echo why >&2; exit 1", {}, Code.aborted, "exit status 1: why"],
    ["kill -9 $$", {}, Code.aborted, "exit status 137"],
    ["", { path: "/nowhere/hook" }, Code.notFound, "no such file or directory"],
    ["", { path: "/etc/passwd" }, Code.permissionDenied, "permission denied"],
    ["", { path: "/etc/passwd/x" }, Code.invalidArgument, "not a directory"],
  ])("%j %j fails with its reason", async (script, more, code, message) => {
    await expect(run(script, more)).rejects.toMatchObject({ code, message });
  });

  it("is killed with its children when its time is up", async () => {
    const hook = run("sleep 60 & echo $! >pid; echo waiting >&2; wait", { timeout: 1 });
    await expect(hook).rejects.toThrow("not done after 1 s, killed: waiting");
    expect(existsSync(`/proc/${text("pid").trim()}/exe`)).toBe(false);
  });

  it("takes no longer than its caller has", async () => {
    const hook = runHostHook(shell("sleep 60", { timeout: 50 }), { state: "", cwd: folder, limit: 100 });
    await expect(hook).rejects.toThrow("not done after 0.1 s, killed");
  });
});

describe("the hooks of a container", () => {
  const log: string[] = [];
  const add = (message: string) => void log.push(message);

  function hooks(lists: HookLists): Hooks {
    log.length = 0;
    const spec = { ociVersion: "1.0.0", annotations: { a: "b" }, hooks: lists };
    return new Hooks({ path: folder, folder, spec }, "c1", { debug: add, info: add, warn: add, error: add });
  }

  const note = (name: string) => shell(`echo ${name} >>order; cat >>order; echo >>order`);

  it("of the creation run in order, with the state of that moment", async () => {
    await hooks({
      createContainer: [note("third")],
      createRuntime: [note("second")],
      prestart: [note("first")],
      poststop: [note("never")],
    }).create(42);
    const state = `{"ociVersion":"1.3.0","id":"c1","status":"creating","pid":42,"bundle":"${folder}","annotations":{"a":"b"}}`;
    expect(text("order").split("\n")).toEqual(["first", state, "second", state, "third", state, ""]);
  });

  it("stop at the first that fails, which is named", async () => {
    const failing = hooks({ createRuntime: [note("first"), shell("exit 9"), note("never")] });
    await expect(failing.create(1)).rejects.toThrow("hook createRuntime /bin/sh: exit status 9");
    expect(text("order")).toMatch(/^first\n\{.*\}\n$/);
  });

  it("of its end all run, and what fails is logged", async () => {
    await hooks({ poststop: [shell("exit 9"), note("last")] }).poststop();
    expect(text("order")).toContain('"status":"stopped","bundle"');
    expect(log).toEqual(["hook poststop /bin/sh: exit status 9"]);
  });

  it("that follow the start fail with their name", async () => {
    writeFileSync(join(folder, "order"), "");
    const failing = hooks({ poststart: [shell("exit 1")] });
    await expect(failing.poststart(7)).rejects.toThrow("hook poststart /bin/sh: exit status 1");
  });
});

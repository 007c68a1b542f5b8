import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { ociAny } from "../harness/api_types.ts";
import { BackgroundCommand } from "../harness/background_command.ts";
import { runcRuntime } from "../harness/ctr.ts";
import { HostCensus } from "../harness/host_census.ts";
import { projectFolder } from "../harness/project_paths.ts";
import { shared, testFolder } from "../harness/shared.ts";
import { uniqueId } from "../harness/unique_id.ts";

// The harness is proved with containerd's own runc shim: where these pass, a failure elsewhere is rund's.

const { api, census, rootfs, ...clients } = shared();
const ctr = clients.ctr.withRuntime(runcRuntime);
const docker = clients.docker.withRuntime("runc");

describe("ctr", () => {
  it("shows both streams and the exit code", async () => {
    const result = await ctr.runContainer(["sh", "-c", "echo out; echo err >&2; exit 7"]);
    expect(result).toMatchObject({ exitCode: 7, stdout: "out\n", stderr: "err\n" });
  });

  it("runs a plain folder as root", async () => {
    const result = await ctr.runContainer(["/bin/echo", "hi"], { rootfs });
    expect(result).toMatchObject({ exitCode: 0, stdout: "hi\n" });
  });

  it("passes standard input on", async () => {
    const command = ctr.spawn(ctr.runArguments(["sh", "-c", "echo ready; cat"], {}, "--rm"));
    // ctr does not notice an end of input that comes before its task is there.
    await command.waitFor(/ready/);
    command.stdin.end("from outside\n");
    expect(await command.result).toMatchObject({ exitCode: 0, stdout: "ready\nfrom outside\n" });
  });

  it("starts in the background, lists, executes and removes", async () => {
    const id = await ctr.startContainer(["sleep", "1000"]);
    onTestFinished(() => ctr.remove(id));
    expect(await ctr.tasks()).toContainEqual({ id, pid: expect.any(Number), status: "RUNNING" });
    const result = await ctr.ok(["task", "exec", "--exec-id", uniqueId("x"), id, "echo", "hi"]);
    expect(result.stdout).toBe("hi\n");
    await ctr.remove(id);
    expect((await ctr.tasks()).map((task) => task.id)).not.toContain(id);
  });

  it("kills a command at its timeout", async () => {
    const id = uniqueId("slow");
    const running = ctr.runContainer(["sleep", "1000"], { id, timeout: 1500 });
    onTestFinished(() => ctr.remove(id));
    await expect(running).rejects.toThrow("killed after 1500 ms");
  });
});

describe("a terminal", () => {
  it("has a size, changes it and takes ^C", async () => {
    const session = docker.pty(docker.runArguments(["sh"], {}, "--rm", "-it"), { columns: 91, rows: 33 });
    await session.waitFor(/# $/);
    session.write("stty size\r");
    await session.waitFor(/33 91\r\n/);
    session.resize(70, 20);
    session.write("sleep 1; stty size\r");
    await session.waitFor(/20 70\r\n/);
    // The program says itself that it runs: before that, ^C would be the shell's. With a signal the kernel throws away what
    // is on its way to the screen, unless it is told not to.
    session.write(
      "stty noflsh; sh -c 'trap \"echo caught; exit 3\" INT; echo begun; while :; do sleep 0.1; done'\r",
    );
    await session.waitFor(/begun\r\n/);
    session.write("\x03");
    await session.waitFor(/caught\r\n[\s\S]*# $/);
    session.write("exit 5\r");
    expect(await session.exitCode).toBe(5);
  });
});

describe("docker", () => {
  it("shows both streams and the exit code", async () => {
    const result = await docker.runContainer(["sh", "-c", "echo out; echo err >&2; exit 7"]);
    expect(result).toMatchObject({ exitCode: 7, stdout: "out\n", stderr: "err\n" });
  });

  it("starts in the background, executes and is inspected", async () => {
    const id = await docker.startContainer(["sleep", "1000"], { flags: ["--user", "alice"] });
    onTestFinished(() => docker.remove(id));
    expect((await docker.ok(["exec", id, "id", "-un"])).stdout).toBe("alice\n");
    expect(await docker.inspect(id)).toMatchObject({ State: { Running: true } });
  });
});

describe("containerd's API", () => {
  it("tells of a task and its processes", async () => {
    const id = await ctr.startContainer(["sleep", "1000"]);
    onTestFinished(() => ctr.remove(id));
    const { process } = await api.tasks.get({ containerId: id });
    expect(process).toMatchObject({ id, status: "RUNNING", terminal: false });
    const { container } = await api.containers.get({ id });
    expect(container.runtime.name).toBe(runcRuntime);
    const spec = ociAny("Process", { args: ["true"], cwd: "/", env: ["PATH=/bin"] });
    await api.tasks.exec({ containerId: id, execId: "x", spec });
    const { pid } = await api.tasks.start({ containerId: id, execId: "x" });
    expect(pid).toBeGreaterThan(0);
    expect(await api.tasks.wait({ containerId: id, execId: "x" })).toMatchObject({ exitStatus: 0 });
    await expect(api.tasks.get({ containerId: "none" })).rejects.toMatchObject({ code: 5 });
  });

  it("delivers events in order", async () => {
    const events = await api.subscribe();
    onTestFinished(() => events.close());
    const id = uniqueId();
    await ctr.runContainer(["sh", "-c", "exit 3"], { id });
    const exit = await events.waitFor(({ topic, event }) => {
      return topic === "/tasks/exit" && event["containerId"] === id;
    });
    expect(exit.event).toMatchObject({ id, exitStatus: 3 });
    const topics = events.seen.filter(({ event }) => event["containerId"] === id).map(({ topic }) => topic);
    // runc's shim may be gone before it has told of the delete.
    expect(topics.slice(0, 3)).toEqual(["/tasks/create", "/tasks/start", "/tasks/exit"]);
  });
});

describe("the census", () => {
  it("sees what a running container holds, and that nothing is left of an ended one", async () => {
    const before = census.take();
    const id = await ctr.startContainer(["sleep", "1000"]);
    onTestFinished(() => ctr.remove(id));
    const kinds = [...census.take()]
      .filter((entry) => !before.has(entry))
      .map((entry) => entry.split(/[ :]/)[0]);
    expect(new Set(kinds)).toEqual(new Set(["process", "mount", "socket", "bundle"]));
    await expect(census.expectNoMoreThan(before, 100)).rejects.toThrow("left behind");
    await ctr.remove(id);
    await census.expectNoMoreThan(before);
  });

  it("has folders that last as long as their test", async () => {
    expect(await readdir(await testFolder())).toEqual([]);
  });
});

describe("the reaper", () => {
  it("takes everything back when the harness itself is killed", async () => {
    const fixture = `${projectFolder}/test/e2e/fixtures/abandoned_daemons.ts`;
    const abandoned = new BackgroundCommand(process.execPath, ["--import", "tsx", fixture]);
    onTestFinished(() => abandoned.kill());
    const [, folder = ""] = await abandoned.waitFor(/folder (\S+)\./);
    const left = new HostCensus(folder);
    expect(left.take().size).toBeGreaterThan(3);
    abandoned.kill("SIGKILL");
    await left.expectNoMoreThan(new Set(), 15_000);
    await expect.poll(() => existsSync(folder), { timeout: 10_000 }).toBe(false);
  });
});

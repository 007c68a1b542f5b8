import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BusyboxJail } from "./busybox_jail.ts";
import { run } from "./jail_run.ts";
import { RawLauncher } from "./raw_launcher.ts";

let jail: BusyboxJail;
beforeAll(async () => {
  jail = await BusyboxJail.create();
  for (const name of ["a", "b", "c"]) writeFileSync(jail.hostPath(name), `file ${name}\n`);
});
afterAll(() => jail.remove());

/** What a process has written to the file that is its descriptor 3. */
async function written(script: string, ...more: readonly string[]): Promise<string> {
  const file = jail.hostPath("written");
  writeFileSync(file, "");
  const kept = ["written", "a", "b", "c"].map((name) => openSync(jail.hostPath(name), "r+"));
  const raw = new RawLauncher(...kept);
  const program = [
    "arg sh",
    "arg -c",
    `arg ${script}`,
    "env PATH=/bin",
    "env LISTEN_FDS=9",
    "cwd /",
    "uid 0",
    "gid 0",
  ];
  raw.send(`root ${jail.root}`, ...program, ...more, "", "start");
  for (const descriptor of kept) closeSync(descriptor);
  expect(await raw.exited).toBe(0);
  return readFileSync(file, "utf8");
}

describe("descriptors that are kept", () => {
  it("are those from 3 on, as many as were asked for", async () => {
    expect(await written("exec >&3; cat <&4; cat <&5; echo $(ls /proc/self/fd 2>&1)", "keep 3")).toMatch(
      /^file a\nfile b\n/,
    );
    expect(await written("{ true <&6; } 2>/dev/null && echo open >&3; true", "keep 3")).toBe("");
  });

  it("are none where nobody asks", async () => {
    const { stdout } = await run(jail, "{ true <&3; } 2>/dev/null && echo open; true");
    expect(stdout).toBe("");
  });

  it("reach a program on a terminal", async () => {
    expect(await written("test -t 0 && cat <&4 >&3", "keep 2", "terminal 80 24")).toBe("file a\n");
  });

  it("reach one that is told so late as at its gate", async () => {
    expect(await written("echo there >&3", "keep 1", `gate ${jail.hostPath("gate")}`)).toBe("there\n");
  });

  it("that are sockets to listen on are told of, in place of what the environment said", async () => {
    const script = "echo $LISTEN_FDS $((LISTEN_PID == $$)) >&3";
    expect(await written(script, "keep 2", "listeners 2")).toBe("2 1\n");
    expect(await written(script, "keep 2")).toBe("9 0\n");
  });

  it.each([
    [["keep x"], "malformed or repeated keep"],
    [["keep 1", "keep 1"], "malformed or repeated keep"],
    [["keep 4097"], "malformed or repeated keep"],
    [["listeners x"], "malformed or repeated listeners"],
    [["listeners 1", "listeners 1", "keep 2"], "malformed or repeated listeners"],
  ])("asked for as %j are refused", async (records, reason) => {
    const raw = new RawLauncher();
    raw.send(...records, "");
    await raw.answered("error");
    expect(raw.answers).toEqual([`error EINVAL launch request: ${reason}`]);
    await raw.exited;
  });

  it("that were not passed are an error", async () => {
    const raw = new RawLauncher();
    raw.send(`root ${jail.root}`, "arg true", "env PATH=/bin", "cwd /", "uid 0", "gid 0", "keep 2", "");
    await raw.answered("error");
    expect(raw.answers[0]).toMatch(/^error EIO preserved descriptor 3: bad file descriptor$/);
    await raw.exited;
  });
});

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchProcess } from "../../src/jail/launch_process.ts";
import { BusyboxJail } from "./busybox_jail.ts";
import { launch, processOptions, run, start } from "./jail_run.ts";
import { descriptorsOf, isAlive, procStatus, sessionOf } from "./proc_status.ts";

let jail: BusyboxJail;
beforeAll(async () => {
  jail = await BusyboxJail.create();
});
afterAll(() => jail.remove());

describe("a jailed process", () => {
  it("passes its exit code on", async () => {
    for (const code of [0, 1, 42, 125, 126, 127, 128, 255])
      expect((await run(jail, `exit ${code}`)).status).toBe(code);
  });

  it("shows its death by a signal as 128 plus the number", async () => {
    for (const signal of [1, 2, 6, 9, 11, 13, 15]) {
      expect((await run(jail, `kill -${signal} $$; sleep 10`)).status).toBe(128 + signal);
    }
  });

  it("keeps both streams apart", async () => {
    expect(await run(jail, "echo out; echo err >&2")).toMatchObject({ stdout: "out\n", stderr: "err\n" });
  });

  it("gets its arguments and environment as they are", async () => {
    const args = ["", " ", "a b", "ünï\n", "-n", "$HOME", "'", "x".repeat(100_000)];
    const shown = await run(jail, ["sh", "-c", 'printf "<%s>" "$@"', "sh", ...args]);
    expect(shown.stdout).toBe(args.map((arg) => `<${arg}>`).join(""));
    const env = ["PATH=/bin", "HOME=/h", "A=1", "EMPTY=", "SPACE= x ", "EQUALS=a=b", "A=2"];
    expect((await run(jail, ["env"], { env })).stdout).toBe(
      "PATH=/bin\nHOME=/h\nA=2\nEMPTY=\nSPACE= x \nEQUALS=a=b\n",
    );
  });

  it("has the pid that was known at the gate, before anything of the image ran", async () => {
    const process = await launch(jail, ["sleep", "60"]);
    expect(process.pid).toBeGreaterThan(1);
    await process.start();
    expect(procStatus(process.pid).get("Name")).toBe("sleep");
    expect(process.signal(9)).toBe(true);
    expect((await process.exited).status).toBe(137);
    expect(process.signal(9)).toBe(false);
  });

  it("leads a session of its own", async () => {
    const process = await start(jail, ["sleep", "60"]);
    expect(sessionOf(process.pid)).toBe(process.pid);
    process.signal(9);
    await process.exited;
  });

  it("has default signals, nothing blocked, and no descriptor of the host", async () => {
    const process = await start(jail, ["sleep", "60"]);
    const status = procStatus(process.pid);
    expect(status.get("SigIgn")).toBe("0000000000000000");
    expect(status.get("SigBlk")).toBe("0000000000000000");
    expect([...descriptorsOf(process.pid).keys()]).toEqual([0, 1, 2]);
    process.signal(15);
    expect((await process.exited).status).toBe(143);
  });

  it("tells when it ended", async () => {
    const before = Date.now();
    const process = await start(jail, ["true"]);
    const { exitedAt } = await process.exited;
    expect(exitedAt.getTime()).toBeGreaterThanOrEqual(before);
    expect(exitedAt.getTime()).toBeLessThanOrEqual(Date.now());
    expect(isAlive(process.pid)).toBe(false);
  });
});

describe("the launcher", () => {
  it("is not steered by the environment of the jailed process", async () => {
    const env = [
      "PATH=/bin",
      "HOME=/h",
      "LD_PRELOAD=/nonexistent.so",
      "LD_LIBRARY_PATH=/x",
      "MALLOC_CHECK_=3",
      "LD_DEBUG=all",
    ];
    const shown = await run(jail, ["env"], { env });
    expect(shown).toMatchObject({ status: 0, stdout: `${env.join("\n")}\n`, stderr: "" });
  });

  it("shows nothing of the request in the process table while it waits at the gate", async () => {
    const process = await launch(jail, ["sleep", "60", "secret-argument"], {
      env: ["PATH=/bin", "TOKEN=secret-env"],
    });
    expect(readFileSync(`/proc/${process.pid}/cmdline`, "utf8")).not.toContain("secret");
    expect(readFileSync(`/proc/${process.pid}/environ`, "utf8")).toBe("");
    process.signal(9);
    await process.exited;
  });

  it("leaks no descriptor into the shim over 300 launches", async () => {
    await run(jail, "true");
    const before = descriptorsOf("self").size;
    for (let i = 0; i < 300; i++) {
      const process = await start(jail, i % 10 === 0 ? ["false"] : ["true"]);
      await process.exited;
      if (i % 50 === 0) await expect(launch(jail, ["missing"])).rejects.toThrow("not found");
    }
    expect(descriptorsOf("self").size).toBe(before);
  });

  it("that is missing or cannot be run is an error that names it", async () => {
    for (const path of ["/nonexistent/rund-jail", "/etc/passwd"]) {
      await expect(launchProcess(processOptions(jail, ["true"]), path)).rejects.toThrow(`launcher ${path}: `);
    }
  });
});

import { chmodSync, copyFileSync, existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Code } from "../../src/common/error.ts";
import type { LinuxSettings } from "../../src/jail/linux_settings.ts";
import { capabilityMask } from "../../src/oci/linux_names.ts";
import { BusyboxJail } from "./busybox_jail.ts";
import { launch, type Overrides, run, start } from "./jail_run.ts";
import { launcher } from "./launcher_under_test.ts";
import { procStatus } from "./proc_status.ts";
import { RawLauncher } from "./raw_launcher.ts";

let jail: BusyboxJail;

beforeAll(async () => {
  jail = await BusyboxJail.create();
});

afterAll(() => jail.remove());

/** What the host shows of a process that was started with these settings. */
async function shown<T>(linux: LinuxSettings, look: (pid: number) => T, more: Overrides = {}): Promise<T> {
  const process = await start(jail, ["sleep", "60"], { linux, ...more });
  try {
    return look(process.pid);
  } finally {
    process.signal(9);
    await process.exited;
  }
}

/** The sets of a process as numbers, in the order of the request. */
function capabilitiesOf(pid: number): number[] {
  const status = procStatus(pid);
  return ["CapBnd", "CapEff", "CapInh", "CapPrm", "CapAmb"].map((set) =>
    Number.parseInt(status.get(set) ?? "", 16),
  );
}

const [kill, chown, bind] = ["CAP_KILL", "CAP_CHOWN", "CAP_NET_BIND_SERVICE"].map((name) =>
  capabilityMask([name]),
) as [number, number, number];

describe("capabilities", () => {
  it("of root are those of the bounding set", async () => {
    const few = kill + chown;
    expect(await shown({ capabilities: [few, few, 0, few, 0] }, capabilitiesOf)).toEqual([
      few,
      few,
      0,
      few,
      0,
    ]);
  });

  it("of another user are the ambient ones alone, and inheritable ones stay", async () => {
    const all = kill + chown + bind;
    const user = { uid: 1000, gid: 1000 };
    const sets = await shown({ capabilities: [all, all, kill, all, kill] }, capabilitiesOf, user);
    expect(sets).toEqual([all, kill, kill, kill, kill]);
    expect(await shown({ capabilities: [all, all, 0, all, 0] }, capabilitiesOf, user)).toEqual([
      all,
      0,
      0,
      0,
      0,
    ]);
  });

  it("that are none at all leave root without its powers", async () => {
    const none = { linux: { capabilities: [0, 0, 0, 0, 0] } };
    const result = await run(jail, "chown 1:1 /tmp || echo no; chroot / true || echo neither", none);
    expect(result.stdout).toBe("no\nneither\n");
  });

  it("that an ambient set names but the others do not are left out", async () => {
    const user = { uid: 1000, gid: 1000 };
    const sets = await shown({ capabilities: [kill, kill, 0, kill, kill] }, capabilitiesOf, user);
    expect(sets).toEqual([kill, 0, 0, 0, 0]);
  });

  it("that the host does not have cannot be given, and stop nothing", async () => {
    const every = 2 ** 41 - 1;
    const held = Number.parseInt(procStatus(process.pid).get("CapPrm") ?? "", 16);
    const sets = await shown({ capabilities: [every, every, 0, every, 0] }, capabilitiesOf);
    expect(sets[3]).toBe(held);
  });

  it("stay as they are where the specification is silent", async () => {
    const held = Number.parseInt(procStatus(process.pid).get("CapBnd") ?? "", 16);
    expect((await shown({}, capabilitiesOf))[0]).toBe(held);
  });

  it("do not open the way back to root", async () => {
    const setuid = capabilityMask(["CAP_SETUID"]);
    const user = { uid: 1000, gid: 1000 };
    const [, effective] = await shown({ capabilities: [setuid, setuid, 0, setuid, 0] }, capabilitiesOf, user);
    expect(effective).toBe(0);
  });
});

describe("no new privileges", () => {
  it("keeps set-uid programs from becoming root", async () => {
    // Not busybox, which gives the right up by itself.
    const program = join(jail.root, "bin/set-uid");
    copyFileSync(launcher, program);
    chmodSync(program, 0o4755);
    chmodSync(join(jail.root, "tmp"), 0o1777);
    const user = { uid: 1000, gid: 1000 };
    const linux = { noNewPrivileges: true };
    await run(jail, ["/bin/set-uid", "fifos", "/tmp/of-root"], user);
    await run(jail, ["/bin/set-uid", "fifos", "/tmp/of-user"], { ...user, linux });
    const owners = ["of-root", "of-user"].map((name) => statSync(join(jail.root, "tmp", name)).uid);
    expect(owners).toEqual([0, 1000]);
    expect(await shown(linux, (pid) => procStatus(pid).get("NoNewPrivs"))).toBe("1");
  });
});

describe("settings of the scheduler and the like", () => {
  it("are made", async () => {
    const file = (name: string) => (pid: number) => readFileSync(`/proc/${pid}/${name}`, "utf8").trim();
    expect(await shown({ oomScore: 500 }, file("oom_score_adj"))).toBe("500");
    const nice = (pid: number) => file("stat")(pid).split(") ")[1]?.split(" ")[16];
    expect(await shown({ scheduler: [3, 7, 0, 0, 0, 0, 0] }, nice)).toBe("7");
    const policy = (pid: number) => file("stat")(pid).split(") ")[1]?.split(" ")[38];
    expect(await shown({ scheduler: [3, 7, 0, 0, 0, 0, 0] }, policy)).toBe("3");
    expect(await shown({ cpus: "0" }, (pid) => procStatus(pid).get("Cpus_allowed_list"))).toBe("0");
    expect(await shown({ personality: 8 }, file("personality"))).toBe("00000008");
    expect((await run(jail, "ionice", { linux: { ioPriority: 3 * 2 ** 13 + 4 } })).stdout).toMatch(/^idle/);
  });

  it.skipIf(!existsSync("/proc/self/numa_maps"))("place memory", async () => {
    const maps = (pid: number) => readFileSync(`/proc/${pid}/numa_maps`, "utf8");
    expect(await shown({ memoryPolicy: { mode: 2, nodes: "0" } }, maps)).toContain(" bind:0 ");
  });

  it("of the score of a process that is killed first, do not fail where the shim may not lower it", async () => {
    expect((await run(jail, "true", { linux: { oomScore: -1000 } })).status).toBe(0);
  });

  it.each<[LinuxSettings, string]>([
    [{ cpus: "3-1" }, "execCPUAffinity 3-1: invalid list"],
    [{ cpus: "a" }, "execCPUAffinity a: invalid list"],
    [{ cpus: "8000" }, "execCPUAffinity 8000: invalid argument"],
    [{ scheduler: [77, 0, 0, 0, 0, 0, 0] }, "scheduler: invalid argument"],
    [{ ioPriority: 5 * 2 ** 13 }, "ioPriority: invalid argument"],
  ])("%j is refused", async (linux, text) => {
    await expect(start(jail, ["true"], { linux })).rejects.toThrow(text);
  });

  it.each([
    "capabilities 1 2 3 4",
    "capabilities 1 2 3 4 5 6",
    "oom-score 1001",
    "oom-score x",
    "oom-score 1 2",
    "no-new-privileges 0",
    "scheduler 1 2 3",
    "personality -1",
  ])("a request with %s is malformed", async (record) => {
    const raw = new RawLauncher();
    raw.send(`root ${jail.root}`, record, "");
    expect((await raw.answered("error"))[0]).toMatch(
      new RegExp(`malformed or repeated ${record.split(" ")[0]}`),
    );
    await raw.exited;
  });
});

describe("a seatbelt", () => {
  it("is refused on Linux by its name", async () => {
    await expect(launch(jail, ["true"], { seatbelt: "(version 1)\n(deny default)" })).rejects.toMatchObject({
      code: Code.invalidArgument,
      message: "seatbelt: only macOS has one, and this host runs Linux",
    });
  });
});

describe("a program of its own", () => {
  it("is run under the name of the first argument", async () => {
    const result = await run(jail, ["echo", "hello"], { program: "/bin/busybox" });
    expect(result).toMatchObject({ status: 0, stdout: "hello\n" });
  });
});

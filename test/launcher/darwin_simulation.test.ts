import { readFileSync, statSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DarwinSimulation, type SimulatedProcess } from "./darwin_simulation.ts";

/** The launcher's macOS half on a simulated system: what it asks for, in which order, and what it makes of the answers. */
let mac: DarwinSimulation;

beforeAll(() => {
  mac = new DarwinSimulation();
}, 120_000);

afterAll(() => mac?.remove());

interface Listed {
  readonly pid: number;
  readonly command: string;
  readonly [field: string]: unknown;
}

function list(): Listed[] {
  const { stdout } = mac.run(["ps", "--root", mac.jail]);
  return stdout.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as Listed]));
}

const pids = (processes: readonly SimulatedProcess[]) => {
  mac.processes(processes);
  return list().map(({ pid }) => pid);
};

describe("the processes of a jail on macOS", () => {
  it("are those whose root directory is the jail, below it, or was there", () => {
    const found = pids([
      { pid: 100 },
      { pid: 101, root: mac.jail },
      { pid: 102, root: `${mac.jail}/nested`, inode: 5 },
      { pid: 103, root: `${mac.jail}-other`, inode: 6 },
      // Taken off by force, or removed: only the numbers of the folder are left.
      { pid: 104, root: "gone" },
      { pid: 105, root: "gone", inode: 7 },
      { pid: 106, root: mac.jail, status: "zombie" },
    ]);
    expect(found).toEqual([101, 102, 104]);
  });

  it("are found by the path alone when the folder is gone", () => {
    mac.processes([
      { pid: 101, root: "/nowhere/jail", inode: 9 },
      { pid: 102, root: "/nowhere/jail2", inode: 9 },
    ]);
    const { stdout } = mac.run(["ps", "--root", "/nowhere/jail"]);
    expect(stdout.trim().split("\n")).toHaveLength(1);
  });

  it("are those of its user, where it is one, also behind a set-uid program", () => {
    mac.processes([
      { pid: 101, uid: 70_000 },
      { pid: 102, uid: 70_000, name: "set-uid" },
      { pid: 103, uid: 70_001 },
      { pid: 104, uid: 70_000, status: "zombie" },
    ]);
    const { stdout } = mac.run(["ps", "--uid", "70000"]);
    const found = stdout
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as Listed).pid);
    expect(found).toEqual([101, 102]);
  });

  it("have times in microseconds by the clock of each kind of Mac, and the footprint for memory", () => {
    const busy = { root: mac.jail, user: 24_000_000, system: 2_400, footprint: 12_345_678 };
    // Apple silicon counts 24 million units a second, Intel nanoseconds.
    mac.processes([{ pid: 7, ...busy }], [125, 3]);
    expect(list()[0]).toMatchObject({
      ...{ rss: 4096, memory: 12_345_678, threads: 3, state: "R" },
      ...{ user: 1_000_000, system: 100, childUser: 2_000_000, childSystem: 200 },
    });
    mac.processes([{ pid: 7, ...busy }]);
    expect(list()[0]).toMatchObject({ user: 24_000, system: 2 });
    // Years of time times the numerator do not fit into 64 bits.
    mac.processes([{ pid: 7, ...busy, user: 4e15 }], [125, 3]);
    expect(list()[0]?.["user"]).toBe(166_666_666_666_666);
    mac.processes([{ pid: 7, ...busy, footprint: 0 }]);
    expect(list()[0]?.["memory"]).toBe(4096);
  });

  it("show their arguments and not their environment, or their name", () => {
    mac.processes([
      { pid: 7, root: mac.jail, name: "sleep" },
      { pid: 8, root: mac.jail, name: "shy one" },
    ]);
    expect(list().map(({ command }) => command)).toEqual(["sleep second", "[shy one]"]);
  });

  it("are killed until none is left, and no other", () => {
    mac.processes([
      { pid: 100 },
      { pid: 101, root: mac.jail },
      { pid: 102, root: mac.jail },
      { pid: 103, root: `${mac.jail}-other`, inode: 6 },
    ]);
    const args = ["kill", "--root", mac.jail, "--until-gone", "--timeout", "1000"];
    const { status, calls } = mac.run(args);
    expect(status).toBe(0);
    expect([...calls].sort()).toEqual(["kill 101 9", "kill 102 9"]);
    mac.processes([{ pid: 101, root: mac.jail, name: "deaf" }]);
    expect(mac.run([...args.slice(0, -1), "30"]).status).toBe(3);
  });

  it("are stopped, parents first, and those that were stopped before are told", () => {
    mac.processes([
      { pid: 50, parent: 60, root: mac.jail },
      { pid: 60, root: mac.jail },
      { pid: 70, root: mac.jail, status: "stopped" },
    ]);
    const { stdout, calls } = mac.run(["freeze", "--root", mac.jail, "--timeout", "1000"]);
    const stop = constants.signals.SIGSTOP;
    expect(calls).toEqual([`kill 60 ${stop}`, `kill 50 ${stop}`]);
    expect(stdout).toBe("70\n");
  });

  it("are told apart from later ones with the same pid by their start", () => {
    mac.processes([{ pid: 7 }, { pid: 8, status: "zombie" }]);
    expect(mac.run(["started", "7"]).stdout).toBe("1007.000042\n");
    expect(mac.run(["started", "8"]).stdout).toBe("\n");
    expect(mac.run(["started", "9"]).stdout).toBe("\n");
  });
});

describe("a file server's end on macOS", () => {
  const end = (name: string, milliseconds = 500) => {
    mac.processes([{ pid: 7, name }]);
    const { stdout, calls } = mac.run(["end", "7", String(milliseconds)]);
    return [...calls, stdout.trim()];
  };

  it("is waited for by the kernel's word, then asked for, then made", () => {
    expect(end("done")).toEqual(["wait 7 500 ms", "gone"]);
    expect(end("polite")).toEqual(["wait 7 500 ms", "kill 7 15", "gone"]);
    expect(end("stubborn")).toEqual(["wait 7 500 ms", "kill 7 15", "wait 7 250 ms", "kill 7 9", "gone"]);
    const deaf = ["wait 7 500 ms", "kill 7 15", "wait 7 250 ms", "kill 7 9", "wait 7 250 ms", "stays"];
    expect(end("deaf")).toEqual(deaf);
  });

  it("is not waited for where a relay only has to be told", () => {
    expect(end("polite", 0)).toEqual(["kill 7 15", "gone"]);
    expect(end("zombie", 0).at(-1)).toBe("gone");
  });
});

describe("groups on macOS", () => {
  const groups = (...numbers: readonly number[]) => mac.run(["groups", ...numbers.map(String)]).stdout;
  const others = Array.from({ length: 15 }, (_, index) => 100 + index);

  it("begin with the gid, which is there once", () => {
    expect(groups(20)).toBe("20\n");
    expect(groups(20, 12, 61)).toBe("20 12 61\n");
    expect(groups(20, 12, 20, 61)).toBe("20 12 61\n");
  });

  it("are sixteen at most", () => {
    expect(groups(20, ...others)).toBe(`20 ${others.join(" ")}\n`);
    expect(groups(20, ...others, 20)).toBe(`20 ${others.join(" ")}\n`);
    expect(groups(20, ...others, 200)).toBe("Invalid argument\n");
  });
});

describe("limits on macOS", () => {
  it("of open files are never endless, which the system refuses", () => {
    expect(mac.run(["files", "0"]).stdout).toBe("61440\n");
    expect(mac.run(["files", "1024"]).stdout).toBe("1024\n");
  });
});

describe("mounts on macOS", () => {
  const detach = (patience: number, environment = {}) =>
    mac.run(["detach", "/j", String(patience)], environment);

  it("are taken off by the id of their file system, the deepest first", () => {
    mac.mounts(
      "1 0 apfs disk /",
      "2 0 macfuse /a /j",
      "3 0 devfs devfs /j/dev",
      "4 0 tmpfs tmpfs /j/x/y",
      "5 0 a b /jj",
    );
    const { stdout, calls } = detach(1000);
    expect(calls).toEqual(["id /j/x/y: gone", "id /j/dev: gone", "id /j: gone"]);
    expect(stdout).toBe("detached\ngone\n");
  });

  it("are tried again while they are busy", () => {
    mac.mounts("1 0 apfs disk /", "2 3 macfuse /a /j");
    const { stdout, calls } = detach(5000);
    expect(calls.at(-1)).toBe("id /j: gone");
    expect(calls.slice(0, 3)).toEqual(["id /j: busy", "id /j: busy", "id /j: busy"]);
    expect(stdout).toBe("detached\ngone\n");
  });

  // The kernel keeps the libraries of a jail mapped for two minutes after its last process.
  it("are taken off by force when the time is up", () => {
    mac.mounts("1 0 apfs disk /", "2 forced macfuse /a /j");
    const began = performance.now();
    const { stdout, calls } = detach(300, { SIMULATED_QUIET: "1" });
    expect(performance.now() - began).toBeLessThan(5000);
    expect(calls).toEqual(["id /j by force: gone"]);
    expect(stdout).toBe("detached\ngone\n");
  });

  it("are taken off by path where the system does not do it by id", () => {
    mac.mounts("1 0 apfs disk /", "2 0 macfuse /a /j", "3 0 devfs devfs /j/dev");
    const { calls } = detach(1000, { SIMULATED_NO_IDS: "1" });
    expect(calls).toEqual(["path /j/dev: gone", "path /j: gone"]);
  });

  it("are given up, and told of, when nothing helps", () => {
    mac.mounts("1 0 apfs disk /", "2 stuck macfuse /a /j");
    const { stdout } = detach(10, { SIMULATED_QUIET: "1" });
    expect(stdout).toContain("mount //j stays: Device or resource busy");
    expect(stdout).toContain("stays\nlives\n");
  });
});

describe("a file's copy on macOS", () => {
  const { EXDEV, ENOTSUP } = constants.errno;

  it.each([
    ["a clone", 0],
    ["bytes on another volume", EXDEV],
    ["bytes where there are no clones", ENOTSUP],
  ])("is %s, with its mode and times", (_, error) => {
    const [from, to] = [join(mac.path, "from"), join(mac.path, `to-${error}`)];
    writeFileSync(from, "content\n", { mode: 0o640 });
    const { status, calls } = mac.run(["copy", from, `to-${error}`], { SIMULATED_CLONE: String(error) });
    expect(status).toBe(0);
    expect(calls).toEqual([`clone to-${error}`, "copyfile 5"]);
    expect(readFileSync(to, "utf8")).toBe("content\n");
    expect(statSync(to).mode & 0o7777).toBe(0o640);
    expect(statSync(to).mtimeMs).toBe(statSync(from).mtimeMs);
  });

  it("leaves what is there alone", () => {
    writeFileSync(join(mac.path, "taken"), "of another\n");
    const { stdout } = mac.run(["copy", join(mac.path, "from"), "taken"], { SIMULATED_CLONE: "17" });
    expect(stdout).toBe("File exists\n");
    expect(readFileSync(join(mac.path, "taken"), "utf8")).toBe("of another\n");
  });
});

describe("a passed descriptor on macOS", () => {
  it("goes on with the first byte of a block, with which the system tells of it", () => {
    expect(mac.run(["rights"]).stdout).toBe("a with it\nb\nc\n");
  });
});

describe("the seatbelt", () => {
  const profile = '(version 1)\n(allow default)\n(deny file-write* (subpath (param "ROOT")))';
  const seatbelt = (text: string, environment = {}) => mac.run(["seatbelt", mac.jail, text], environment);

  it("is compiled on the way in, with the jail's root for a parameter, and put on at the end", () => {
    const { calls } = seatbelt(profile);
    const compiled = `compile ${profile}`.split("\n");
    expect(calls).toEqual([`parameter ROOT=${mac.jail}`, ...compiled, "prepared", "apply"]);
  });

  it("may come out of a file of the host", () => {
    writeFileSync(join(mac.path, "profile.sb"), "(version 1)");
    expect(seatbelt(join(mac.path, "profile.sb")).calls).toContain("compile (version 1)");
  });

  it("is left alone when nobody asks", () => {
    expect(seatbelt("").calls).toEqual(["prepared"]);
  });

  it.each([
    ["(version 1)(nonsense)", "compile", "seatbelt: <string>:1: unbound variable: nonsense", 126],
    ["(version 1)", "apply", "seatbelt: operation not permitted", 126],
    ["/nowhere/profile.sb", "", "seatbelt: /nowhere/profile.sb: no such file or directory", 127],
    ["no-network", "", 'seatbelt: "no-network" is neither a profile nor an absolute path', 126],
  ])("that is %s fails the start: %s", (text, failing, message, code) => {
    const { status, calls } = seatbelt(text, { SIMULATED_SANDBOX: failing });
    expect(calls.at(-1)).toBe(`rund-jail: ${message}`);
    expect(status).toBe(code);
  });
});

describe("a program for another system", () => {
  const elf = (machine: number) => `7f454c460201010000000000000000000200${machine.toString(16)}00`;
  const machO = (type: string) => `cffaedfe${type}000000000200000000000000`;
  const heads = {
    "elf-x86_64": `${elf(62)}01000000`,
    "elf-arm64": `${elf(183)}01000000`,
    "mach-arm64": machO("0c000001"),
    "mach-x86_64": machO("07000001"),
    "mach-universal": "cafebabe000000020100000c0000000000000000",
    class: "cafebabe0000003d000000000000000000000000",
  };
  const said = (name: keyof typeof heads, machine: string) => {
    writeFileSync(join(mac.path, name), Buffer.from(heads[name], "hex"));
    const [onLinux, onMac] = mac.run(["program", join(mac.path, name), machine]).stdout.split("\n");
    return { onLinux, onMac };
  };
  const linuxOnMac = (theirs: string, ours: string, wanted: string) =>
    `the image has a Linux program (${theirs}), and this host runs macOS (${ours}): ` +
    `use an image for darwin/${wanted}, or a virtual machine of Linux for this one`;
  const macOnLinux = (theirs: string, ours: string, wanted: string) =>
    `the image has a macOS program (${theirs}), and this host runs Linux (${ours}): ` +
    `use an image for linux/${wanted}, or a Mac for this one`;

  it("is told on a Mac: what it is, what the Mac runs, what helps", () => {
    expect(said("elf-x86_64", "arm64").onMac).toBe(linuxOnMac("x86_64", "arm64", "arm64"));
    expect(said("elf-arm64", "x86_64").onMac).toBe(linuxOnMac("arm64", "x86_64", "amd64"));
    expect(said("elf-arm64", "aarch64").onLinux).toBe("-");
  });

  it("ends a start on a Mac", () => {
    const { status, calls } = mac.run(["refuse", "/bin/true"]);
    expect(calls[0]).toMatch(
      /^rund-jail: exec: "program": exec format error: the image has a Linux program \(\w+\), and this host runs macOS /,
    );
    expect(status).toBe(126);
    writeFileSync(join(mac.path, "mac-program"), Buffer.from(heads["mach-arm64"], "hex"));
    const lacking = mac.run(["refuse", join(mac.path, "mac-program")]);
    expect(lacking.calls).toEqual([
      `rund-jail: exec ${mac.path}/mac-program: its interpreter /usr/lib/dyld: no such file or directory`,
    ]);
    expect(lacking.status).toBe(127);
  });

  it("is told on Linux", () => {
    expect(said("mach-arm64", "aarch64").onLinux).toBe(macOnLinux("arm64", "aarch64", "arm64"));
    expect(said("mach-x86_64", "x86_64").onLinux).toBe(macOnLinux("x86_64", "x86_64", "amd64"));
    expect(said("mach-universal", "x86_64").onLinux).toBe(macOnLinux("universal", "x86_64", "amd64"));
  });

  it("is not what runs there, for which a Mac needs its loader in the jail", () => {
    expect(said("mach-arm64", "arm64").onMac).toBe("/usr/lib/dyld");
    expect(said("mach-universal", "arm64").onMac).toBe("/usr/lib/dyld");
    expect(said("class", "arm64")).toEqual({ onLinux: "-", onMac: "-" });
  });

  it("is not a script, whose interpreter counts on both", () => {
    writeFileSync(join(mac.path, "script"), "#! /bin/sh -e\necho\n");
    expect(mac.run(["program", join(mac.path, "script"), "arm64"]).stdout).toBe("/bin/sh\n/bin/sh\n");
  });
});

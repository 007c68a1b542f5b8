import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Code } from "../../src/common/error.ts";
import { launchProcess } from "../../src/jail/launch_process.ts";
import { BusyboxJail } from "./busybox_jail.ts";
import { launch, processOptions, run, start } from "./jail_run.ts";
import { launcher } from "./launcher_under_test.ts";

let jail: BusyboxJail;
beforeAll(async () => {
  jail = await BusyboxJail.create();
  writeFileSync(jail.hostPath("outside"), "#!/bin/sh\necho escaped\n", { mode: 0o755 });
});
afterAll(() => jail.remove());

describe("the program", () => {
  const failures = [
    [["foo"], Code.notFound, 'exec: "foo": executable file not found in $PATH'],
    [[""], Code.notFound, 'exec: "": executable file not found in $PATH'],
    [["/foo"], Code.notFound, 'exec: "/foo": stat /foo: no such file or directory'],
    [["./foo"], Code.notFound, 'exec: "./foo": stat ./foo: no such file or directory'],
    [["/etc"], Code.invalidArgument, 'exec: "/etc": is a directory'],
    [["/etc/passwd"], Code.permissionDenied, 'exec: "/etc/passwd": permission denied'],
    [["/etc/passwd/x"], Code.invalidArgument, 'exec: "/etc/passwd/x": stat /etc/passwd/x: not a directory'],
    [["/dev/null"], Code.permissionDenied, 'exec: "/dev/null": permission denied'],
  ] as const;
  it.each(failures)("%j fails before the gate", async (args, code, message) => {
    await expect(launch(jail, args)).rejects.toMatchObject({ name: "RundError", code, message });
  });

  it("with a name that is longer than any path does not break the launcher", async () => {
    const name = "x".repeat(100_000);
    await expect(launch(jail, [name])).rejects.toMatchObject({ code: Code.notFound });
    await expect(launch(jail, [`/${name}`])).rejects.toMatchObject({ code: Code.invalidArgument });
  });

  it("is looked up with the PATH of the container, in the jail", async () => {
    mkdirSync(`${jail.root}/opt/tools`, { recursive: true });
    writeFileSync(`${jail.root}/opt/tools/hello`, "#!/bin/sh\necho hello\n", { mode: 0o755 });
    writeFileSync(`${jail.root}/etc/hello`, "not executable");
    const env = ["PATH=/etc:/missing:/opt/tools"];
    expect((await run(jail, ["hello"], { env })).stdout).toBe("hello\n");
    await expect(launch(jail, ["hello"])).rejects.toThrow("not found in $PATH");
    await expect(launch(jail, ["true"], { env: ["PATH="] })).rejects.toThrow("not found in $PATH");
    expect((await run(jail, ["hello"], { env: ["PATH=:/x"], cwd: "/opt/tools" })).status).toBe(0);
    expect((await run(jail, ["true"], { env: [] })).status).toBe(0);
  });

  it("with a wrong format fails at the start", async () => {
    writeFileSync(`${jail.root}/bin/garbage`, "\u0001\u0002garbage", { mode: 0o755 });
    const garbage = await launch(jail, ["garbage"]);
    await expect(garbage.start()).rejects.toMatchObject({ message: "exec /bin/garbage: exec format error" });
    expect((await garbage.exited).status).toBe(126);
  });

  it.each([
    ["a script", "#!/missing/sh -e\n", "its interpreter /missing/sh"],
    ["a script with no end of its first line", "#! /missing/sh", "its interpreter /missing/sh"],
    ["a script of a script", "#!/opt/outer", "its interpreter /opt/outer: its interpreter /missing/sh"],
    ["a script of Windows", "#!/bin/sh\r\n", "its interpreter /bin/sh with a carriage return behind it"],
  ])("that is %s without its interpreter is an error that names it", async (_, script, text) => {
    mkdirSync(`${jail.root}/opt`, { recursive: true });
    writeFileSync(`${jail.root}/opt/outer`, "#!/missing/sh\n", { mode: 0o755 });
    writeFileSync(`${jail.root}/bin/orphan`, script, { mode: 0o755 });
    await expect(launch(jail, ["orphan"])).rejects.toMatchObject({
      code: Code.notFound,
      message: `exec /bin/orphan: ${text}: no such file or directory`,
    });
  });

  it("that is a shared one without its loader is an error that names that", async () => {
    copyFileSync("/bin/true", `${jail.root}/bin/shared`);
    await expect(launch(jail, ["shared"])).rejects.toThrow(
      /^exec \/bin\/shared: its interpreter \/lib\S*\/ld-\S+: no such file or directory$/,
    );
  });

  it("whose first line is longer than is read is left to the kernel", async () => {
    mkdirSync(`${jail.root}/${"l".repeat(250)}`);
    writeFileSync(`${jail.root}/bin/long`, `#!/${"l".repeat(250)}/sh\n`, { mode: 0o755 });
    const long = await launch(jail, ["long"]);
    await expect(long.start()).rejects.toThrow("exec /bin/long: ");
    await long.exited;
  });

  it("cannot be outside, however links and dots point there", async () => {
    const outside = jail.hostPath("outside");
    symlinkSync(outside, `${jail.root}/bin/absolute`);
    symlinkSync("../../../../../../../../../bin/ls", `${jail.root}/bin/upwards`);
    symlinkSync(jail.hostPath(""), `${jail.root}/linked`);
    await expect(launch(jail, [outside])).rejects.toThrow("no such file or directory");
    await expect(launch(jail, ["absolute"])).rejects.toThrow("not found in $PATH");
    await expect(launch(jail, ["outside"], { env: ["PATH=/linked:/.."] })).rejects.toThrow(
      "not found in $PATH",
    );
    await expect(launch(jail, [`/../../../../../../../..${outside}`])).rejects.toThrow("no such file");
    // Upwards stops at the jail's own root, where this is busybox.
    expect((await run(jail, ["upwards", "/opt"])).stdout).not.toContain("outside");
  });
});

describe("the working directory", () => {
  it("is made when missing, with its parents, as root's and 0755 whatever the mask", async () => {
    const result = await run(jail, "pwd", { cwd: "/made/for/me", uid: 1000, gid: 1000, umask: 0o777 });
    expect(result).toMatchObject({ status: 0, stdout: "/made/for/me\n" });
    for (const path of ["/made", "/made/for", "/made/for/me"]) {
      expect(statSync(jail.root + path)).toMatchObject({ mode: 0o40755, uid: 0, gid: 0 });
    }
  });

  it("may have more slashes and dots than needed", async () => {
    expect((await run(jail, "pwd", { cwd: "//var/./tmp/../tmp/" })).stdout).toBe("/var/tmp\n");
    expect((await run(jail, "pwd", { cwd: "/deep//er///" })).stdout).toBe("/deep/er\n");
    expect((await run(jail, "pwd", { cwd: "" })).stdout).toBe("/\n");
  });

  it("is refused when it is no directory or not absolute", async () => {
    await expect(launch(jail, ["true"], { cwd: "/etc/passwd" })).rejects.toThrow(
      "cwd /etc/passwd: not a directory",
    );
    await expect(launch(jail, ["true"], { cwd: "etc" })).rejects.toThrow("cwd: must be an absolute path");
    symlinkSync("loop", `${jail.root}/loop`);
    await expect(launch(jail, ["true"], { cwd: "/loop" })).rejects.toThrow(
      "too many levels of symbolic links",
    );
  });

  it("is never outside, however links and dots point there", async () => {
    const outside = jail.hostPath("made-outside");
    symlinkSync(outside, `${jail.root}/escape`);
    symlinkSync("../../../../../../../etc", `${jail.root}/etc-link`);
    await expect(launch(jail, ["true"], { cwd: "/escape" })).rejects.toThrow("cwd /escape: no such file");
    await expect(launch(jail, ["true"], { cwd: "/escape/below" })).rejects.toThrow(
      "cwd /escape/below: no such file",
    );
    expect((await run(jail, "cat group", { cwd: "/etc-link" })).stdout).toContain("shared:x:2000");
    expect((await run(jail, "pwd", { cwd: `/../../..${outside}` })).stdout).toBe(`${outside}\n`);
    expect(existsSync(outside)).toBe(false);
    expect(existsSync(jail.root + outside)).toBe(true);
  });
});

describe("the root", () => {
  it("must be a directory, and not that of the host", async () => {
    const from = (root: string) => launchProcess({ ...processOptions(jail, ["true"]), root }, launcher);
    await expect(from("/")).rejects.toThrow("root /: is the root of the host");
    await expect(from("/../.")).rejects.toThrow("is the root of the host");
    await expect(from("/proc/self/root")).rejects.toThrow("is the root of the host");
    await expect(from(`${jail.root}/missing`)).rejects.toMatchObject({ code: Code.notFound });
    await expect(from(`${jail.root}/etc/passwd`)).rejects.toThrow("not a directory");
    await expect(from("relative")).rejects.toThrow("root: must be an absolute path");
  });

  it("cannot be left by a descriptor of a directory", async () => {
    const directory = openSync("/", "r");
    await expect(start(jail, ["true"], { stdio: [directory, "ignore", "ignore"] })).rejects.toThrow(
      "stdin: is a directory",
    );
    closeSync(directory);
  });
});

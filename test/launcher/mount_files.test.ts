import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Code } from "../../src/common/error.ts";
import type { MountRecord } from "../../src/mount/types.ts";
import { MountSandbox } from "./mount_sandbox.ts";
import { bind } from "./mount_specs.ts";

let sandbox: MountSandbox;
let source: string;

beforeEach(async () => {
  sandbox = await MountSandbox.create();
  source = join(sandbox.host, "file");
  writeFileSync(source, "of the host\n", { mode: 0o604 });
});

afterEach(() => sandbox.remove());

async function place(...options: string[]): Promise<MountRecord> {
  return sandbox.apply({ driver: "bindfs", mounts: [bind(source, "/etc/file", ...options)] });
}

const inJail = () => join(sandbox.image, "etc/file");

describe("files placed by the bindfs driver", () => {
  it("have the source's content, mode and time", async () => {
    const record = await place();
    const { mode, mtimeMs, size } = statSync(source);
    expect(statSync(inJail())).toMatchObject({ mode, mtimeMs, size });
    await sandbox.undo(record);
    expect(existsSync(inJail())).toBe(false);
  });

  it("bring changes back into the very file, whose mode and other names stay", async () => {
    linkSync(source, join(sandbox.host, "other-name"));
    const { ino, mode } = statSync(source);
    const record = await place();
    writeFileSync(inJail(), "from the jail, and longer than before\n");
    chmodSync(inJail(), 0o777);
    await sandbox.undo(record);
    expect(readFileSync(join(sandbox.host, "other-name"), "utf8")).toBe(
      "from the jail, and longer than before\n",
    );
    expect(statSync(source)).toMatchObject({ ino, mode });
  });

  it("bring a file back that the jail has replaced by a rename, as editors do", async () => {
    const record = await place();
    writeFileSync(`${inJail()}.new`, "short\n");
    renameSync(`${inJail()}.new`, inJail());
    await sandbox.undo(record);
    expect(readFileSync(source, "utf8")).toBe("short\n");
  });

  it("leave the source alone when the jail changed nothing", async () => {
    const record = await place();
    writeFileSync(source, "changed on the host meanwhile\n");
    await sandbox.undo(record);
    expect(readFileSync(source, "utf8")).toBe("changed on the host meanwhile\n");
  });

  it("bring nothing back that is read-only", async () => {
    const record = await place("ro");
    writeFileSync(inJail(), "from the jail\n");
    await sandbox.undo(record);
    expect(readFileSync(source, "utf8")).toBe("of the host\n");
  });

  it("never follow a link that the jail put in their place", async () => {
    const canary = join(sandbox.host, "canary");
    writeFileSync(canary, "secret\n");
    const record = await place();
    rmSync(inJail());
    symlinkSync(canary, inJail());
    await sandbox.undo(record);
    expect(readFileSync(source, "utf8")).toBe("of the host\n");
    expect(readFileSync(canary, "utf8")).toBe("secret\n");
    expect(sandbox.log).toContain(`changes to ${source} are lost: no regular file in the jail`);
    expect(sandbox.mounted()).toEqual([]);
  });

  it("are not written to another file that took the source's place on the host", async () => {
    const record = await place();
    writeFileSync(inJail(), "from the jail\n");
    renameSync(source, `${source}.old`);
    symlinkSync(`${source}.old`, source);
    await sandbox.undo(record);
    expect(readFileSync(`${source}.old`, "utf8")).toBe("of the host\n");
    expect(sandbox.log).toContain(`changes to ${source} are lost: the file was replaced meanwhile`);
  });

  it("give the image's own file back as it was, whatever the jail did with the place", async () => {
    mkdirSync(join(sandbox.image, "etc"));
    writeFileSync(inJail(), "of the image\n", { mode: 0o4751 });
    const before = sandbox.tree();
    for (const meddle of [() => {}, () => rmSync(inJail()), () => writeFileSync(inJail(), "")]) {
      const record = await place("ro");
      expect(readFileSync(inJail(), "utf8")).toBe("of the host\n");
      meddle();
      await sandbox.undo(record);
      expect(readFileSync(inJail(), "utf8")).toBe("of the image\n");
      expect(statSync(inJail()).mode & 0o7777).toBe(0o4751);
    }
    await sandbox.undo(await place());
    const withoutFolders = (tree: string) => tree.replace(/^.* d .*$/gm, "");
    expect(withoutFolders(sandbox.tree())).toBe(withoutFolders(before));
    expect(sandbox.leftovers()).toEqual([]);
  });

  it("give it back from a bundle on another file system too, attributes and all", async () => {
    mkdirSync(join(sandbox.image, "etc"));
    writeFileSync(inJail(), "of the image\n", { mode: 0o4751 });
    chownSync(inJail(), 12, 34);
    chmodSync(inJail(), 0o4751);
    execFileSync("python3", [
      "-c",
      "import os, sys; os.setxattr(sys.argv[1], 'trusted.note', b'kept')",
      inJail(),
    ]);
    const before = sandbox.tree();
    execFileSync("mount", ["-t", "tmpfs", "bundle", sandbox.bundle]);
    const record = await place();
    expect(readFileSync(inJail(), "utf8")).toBe("of the host\n");
    await sandbox.undo(record);
    expect(sandbox.tree()).toBe(before);
    const attribute = "import os, sys; print(os.getxattr(sys.argv[1], 'trusted.note').decode(), end='')";
    expect(execFileSync("python3", ["-c", attribute, inJail()], { encoding: "utf8" })).toBe("kept");
    expect(sandbox.leftovers()).toEqual([]);
  });

  it("follow a link of the image inside the image only", async () => {
    mkdirSync(join(sandbox.image, "etc"));
    symlinkSync("/run/deep/real", inJail());
    const record = await place();
    expect(readFileSync(join(sandbox.image, "run/deep/real"), "utf8")).toBe("of the host\n");
    await sandbox.undo(record);
    expect(existsSync(join(sandbox.image, "run"))).toBe(false);
  });

  it.each([
    ["by a hard link", [], false],
    ["by a mount, where it is in another one of the same file system", [], true],
    [
      "by a mount, where its place is on another file system",
      [{ destination: "/run", type: "tmpfs", source: "tmpfs" }],
      false,
    ],
  ])("show a socket %s, and it can be connected to", async (_, before, isApart) => {
    const path = join(sandbox.host, "s");
    if (isApart) execFileSync("mount", ["--bind", sandbox.host, sandbox.host]);
    const server = createServer((socket) => socket.end("hello"));
    await once(server.listen(path), "listening");
    const record = await sandbox.apply({ driver: "bindfs", mounts: [...before, bind(path, "/run/s")] });
    const client = connect(join(sandbox.image, "run/s"));
    const [data] = (await once(client, "data")) as [Buffer];
    expect(data.toString()).toBe("hello");
    await sandbox.undo(record);
    expect(existsSync(join(sandbox.image, "run"))).toBe(false);
    expect(existsSync(path)).toBe(true);
    server.close();
  });

  it("refuse what neither a copy nor bindfs can show", async () => {
    const mounts = [bind("/dev/null", "/x")];
    await expect(sandbox.apply({ driver: "bindfs", mounts })).rejects.toMatchObject({
      code: Code.invalidArgument,
      message: "mount /x: bindfs cannot show a device or fifo: /dev/null",
    });
    expect(sandbox.leftovers()).toEqual([]);
  });
});

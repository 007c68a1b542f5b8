import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { MountRecord, MountRequest } from "../../src/mount/types.ts";
import type { Mount } from "../../src/oci/spec.ts";
import { DarwinDoubles } from "./darwin_doubles.ts";
import { MountSandbox } from "./mount_sandbox.ts";
import { bind } from "./mount_specs.ts";

/** The plan for a Mac, carried out by the launcher on this system with doubles of macOS's programs. */
let sandbox: MountSandbox;
let doubles: DarwinDoubles;
let before: string;

beforeEach(async () => {
  sandbox = await MountSandbox.create();
  doubles = new DarwinDoubles(sandbox);
  mkdirSync(join(sandbox.image, "private/etc"), { recursive: true });
  symlinkSync("private/etc", join(sandbox.image, "etc"));
  writeFileSync(join(sandbox.image, "private/etc/hosts"), "of the image\n");
  writeFileSync(join(sandbox.host, "hosts"), "of the host\n");
  mkdirSync(join(sandbox.host, "inner"));
  before = sandbox.tree();
});

afterEach(() => sandbox.remove());

const devfs: Mount = { destination: "/dev", type: "devfs", source: "devfs", options: [] };
const words = "allow_recursion,nobrowse,noappledouble";

function tmpfs(destination: string, ...options: readonly string[]): Mount {
  return { destination, type: "tmpfs", source: "tmpfs", options };
}

function apply(mounts: readonly Mount[], fields: Partial<MountRequest> = {}): Promise<MountRecord> {
  return sandbox.apply(doubles.request({ mounts, ...fields }));
}

function expectNothingLeft(): void {
  expect(sandbox.mounted()).toEqual([]);
  expect(sandbox.servers()).toEqual([]);
  expect(sandbox.leftovers()).toEqual([]);
  expect(sandbox.tree()).toBe(before);
}

describe("a plan for macOS", () => {
  it("runs each program once, in the spec's order, on the path that links lead to in the jail", async () => {
    const record = await apply([
      devfs,
      tmpfs("/cache", "nosuid", "size=1m"),
      bind(sandbox.host, "/etc/host", "ro"),
      bind(sandbox.host, "/etc/host/inner"),
      bind(join(sandbox.host, "hosts"), "/etc/hosts", "ro"),
    ]);
    expect(doubles.calls()).toEqual([
      "mount_devfs devfs /image/dev",
      "mount_tmpfs -o nosuid -s 1048576 /image/cache",
      `bindfs -f -r -o suid,dev,${words} /host /image/private/etc/host`,
      `bindfs -f -o suid,dev,attr_timeout=0,${words} /host /image/private/etc/host/inner`,
    ]);
    const places = ["dev", "cache", "private/etc/host", "private/etc/host/inner"];
    expect(sandbox.mounted()).toEqual(places.map((place) => join(sandbox.image, place)));
    expect(readFileSync(join(sandbox.image, "etc/hosts"), "utf8")).toBe("of the host\n");
    expect(readFileSync(join(sandbox.image, "etc/host/inner/hosts"), "utf8")).toBe("of the host\n");
    await sandbox.undo(record);
    expectNothingLeft();
  });

  it("shows a read-only root through bindfs, with all in it", async () => {
    const mounts = [devfs, tmpfs("/cache"), bind(sandbox.host, "/data")];
    const record = await apply(mounts, { readonlyRoot: true });
    expect(doubles.calls()).toEqual([
      `bindfs -f -r -o suid,dev,${words} /image /bundle/rootfs`,
      "mount_tmpfs -o nosuid,nodev,noexec -s 1048576 /bundle/rootfs/var/run",
      "mount_devfs devfs /bundle/rootfs/dev",
      "mount_tmpfs /bundle/rootfs/cache",
      `bindfs -f -o suid,dev,attr_timeout=0,${words} /host /bundle/rootfs/data`,
    ]);
    expect(() => writeFileSync(join(record.root, "new"), "")).toThrow("EROFS");
    writeFileSync(join(record.root, "cache/new"), "");
    writeFileSync(join(record.root, "data/new"), "");
    await sandbox.undo(record);
    expectNothingLeft();
  });

  it("has the folders for temporary files while it is there, and keeps what was put into them", async () => {
    const record = await apply([]);
    const folders = ["private/tmp", "private/var/folders"].map((name) => join(sandbox.image, name));
    expect(folders.map((folder) => statSync(folder).mode & 0o7777)).toEqual([0o1777, 0o755]);
    writeFileSync(join(sandbox.image, "private/tmp/kept"), "");
    await sandbox.undo(record);
    expect(readdirSync(join(sandbox.image, "private"))).toEqual(["etc", "tmp"]);
    expect(readdirSync(join(sandbox.image, "private/tmp"))).toEqual(["kept"]);
  });

  it("leaves such folders as the image has them", async () => {
    mkdirSync(join(sandbox.image, "private/tmp"), { mode: 0o700 });
    mkdirSync(join(sandbox.image, "private/var"));
    symlinkSync("/private/none", join(sandbox.image, "private/var/folders"));
    before = sandbox.tree();
    const record = await apply([]);
    expect(statSync(join(sandbox.image, "private/tmp")).mode & 0o7777).toBe(0o700);
    await sandbox.undo(record);
    expectNothingLeft();
  });

  it("relays lookups of names in a read-only root too", async () => {
    const service = createServer((connection) => connection.end("answered")).listen(join(sandbox.host, "s"));
    await once(service, "listening");
    const record = await apply([], { readonlyRoot: true, dns: join(sandbox.host, "s") });
    const connection = connect(join(record.root, "var/run/mDNSResponder"));
    const [text] = await once(connection, "data");
    expect(String(text)).toBe("answered");
    service.close();
    await sandbox.undo(record);
    expectNothingLeft();
  });

  it("brings a file's changes back, and the image's own", async () => {
    const record = await apply([bind(join(sandbox.host, "hosts"), "/etc/hosts")]);
    writeFileSync(join(sandbox.image, "etc/hosts"), "of the jail\n");
    await sandbox.undo(record);
    expect(readFileSync(join(sandbox.host, "hosts"), "utf8")).toBe("of the jail\n");
    expectNothingLeft();
  });

  it("gives a tmpfs its mode and owner", async () => {
    const record = await apply([tmpfs("/a"), tmpfs("/b", "mode=0750", "uid=501", "gid=20")]);
    const [open, own] = ["a", "b"].map((name) => statSync(join(sandbox.image, name)));
    expect([(open?.mode ?? 0) & 0o7777, open?.uid]).toEqual([0o1777, 0]);
    expect([(own?.mode ?? 0) & 0o7777, own?.uid, own?.gid]).toEqual([0o750, 501, 20]);
    await sandbox.undo(record);
    expectNothingLeft();
  });

  it("leads nowhere but into the jail", async () => {
    symlinkSync("/../../host", join(sandbox.image, "out"));
    before = sandbox.tree();
    const record = await apply([tmpfs("/out/x")]);
    expect(doubles.calls().at(0)).toBe("mount_tmpfs /image/host/x");
    expect(existsSync(join(sandbox.host, "x"))).toBe(false);
    await sandbox.undo(record);
    expectNothingLeft();
  });
});

describe("a program that mounts", () => {
  it.each([
    ["echo 'mount_devfs: Operation not permitted' >&2; exit 1", "mount_devfs: Operation not permitted"],
    ["exit 64", "mount_devfs: ended with 64"],
    ["kill -9 $$", "mount_devfs: ended by signal 9"],
  ])("fails a start with what it said: %s", async (script, text) => {
    doubles.write("mount_devfs", script);
    await expect(apply([tmpfs("/cache"), devfs])).rejects.toMatchObject({ message: `mount /dev: ${text}` });
    expectNothingLeft();
  });

  it("is told when it is not there", async () => {
    const tools = { devfs: "/no/mount_devfs", tmpfs: "/no/mount_tmpfs" };
    await expect(apply([devfs], { tools })).rejects.toThrow(
      "mount /dev: mount_devfs: /no/mount_devfs: no such file or directory",
    );
    expectNothingLeft();
  });

  // macFUSE refuses a mount inside of another in this way when it is not allowed.
  it("is not believed when it ends well and nothing is there", async () => {
    doubles.write("mount_devfs", "exit 0");
    await expect(apply([devfs])).rejects.toThrow("mount /dev: no mount after ten seconds");
    expectNothingLeft();
  });

  it("is ended when it hangs", async () => {
    doubles.write("mount_devfs", "exec sleep 600");
    await expect(apply([devfs])).rejects.toThrow("mount /dev: mount_devfs: no end after ten seconds");
    expectNothingLeft();
  });
});

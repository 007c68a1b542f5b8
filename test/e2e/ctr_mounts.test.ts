import { mkdir, readFile, writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { copyRootfs, shared, testFolder } from "../harness/shared.ts";
import { ApiContainer } from "./support/api_container.ts";
import { type JailSpecOptions, jailSpec } from "./support/jail_spec.ts";

const { api, ctr } = shared();

/** Runs a script in a jail of the given shape. */
async function run(script: string, options: Partial<JailSpecOptions> = {}) {
  const spec = jailSpec({ rootfs: await copyRootfs(), args: ["sh", "-c", script], ...options });
  const container = await ApiContainer.create(api, spec);
  const result = await container.finish();
  await container.delete();
  return result;
}

async function volume(): Promise<string> {
  const folder = `${await testFolder()}/volume`;
  await mkdir(`${folder}/sub`, { recursive: true });
  await writeFile(`${folder}/file`, "content\n");
  await writeFile(`${folder}/sub/file`, "below\n");
  return folder;
}

describe("ctr run --mount", () => {
  it("binds a folder read-only", async () => {
    const source = await volume();
    const flags = ["--mount", `type=bind,src=${source},dst=/mnt/data,options=rbind:ro`];
    const script = "cat /mnt/data/file /mnt/data/sub/file; touch /mnt/data/new || echo refused";
    const result = await ctr.runContainer(["sh", "-c", script], { flags });
    expect(result).toMatchObject({ exitCode: 0, stdout: "content\nbelow\nrefused\n" });
    expect(result.stderr).toMatch(/Read-only file system/);
  });

  it("binds a folder read-write: what the container writes is on the host, and the other way round", async () => {
    const source = await volume();
    const flags = ["--mount", `type=bind,src=${source},dst=/mnt/data,options=rbind:rw`];
    const script =
      "echo inside >/mnt/data/made; mv /mnt/data/file /mnt/data/renamed; chmod 600 /mnt/data/made";
    expect(await ctr.runContainer(["sh", "-c", script], { flags })).toMatchObject({
      exitCode: 0,
      stderr: "",
    });
    expect(await readFile(`${source}/made`, "utf8")).toBe("inside\n");
    expect(await readFile(`${source}/renamed`, "utf8")).toBe("content\n");
  });

  it("binds a single file, over one of the image and as a new one", async () => {
    const source = await volume();
    const flags = ["/etc/passwd", "/etc/brand/new"].flatMap((target) => {
      return ["--mount", `type=bind,src=${source}/file,dst=${target},options=bind:ro`];
    });
    const result = await ctr.runContainer(["sh", "-c", "cat /etc/passwd /etc/brand/new"], { flags });
    expect(result).toMatchObject({ exitCode: 0, stdout: "content\ncontent\n" });
    expect(await readFile(`${source}/file`, "utf8")).toBe("content\n");
  });

  it("refuses a source that is not there", async () => {
    const flags = ["--mount", "type=bind,src=/no/such/source,dst=/mnt,options=rbind:ro"];
    const result = await ctr.runContainer(["true"], { flags });
    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).toMatch(/bind source path does not exist: \/no\/such\/source/);
  });
});

describe("mounts", () => {
  it("of a single file read-write reach the host's file", async () => {
    const source = await volume();
    const mounts = [
      { destination: "/etc/rw", type: "bind", source: `${source}/file`, options: ["bind", "rw"] },
    ];
    expect(await run("cat /etc/rw; echo changed >/etc/rw", { mounts })).toMatchObject({
      stdout: "content\n",
    });
    expect(await readFile(`${source}/file`, "utf8")).toBe("changed\n");
  });

  it("of docker's shape, a source and a destination with a type and no options, are read-write binds", async () => {
    const source = await volume();
    const mounts = [{ destination: "/mnt", type: "bind", source }];
    expect(await run("cat /mnt/file; echo x >/mnt/made", { mounts })).toMatchObject({ exitCode: 0 });
    expect(await readFile(`${source}/made`, "utf8")).toBe("x\n");
  });

  it("lie on one another in their order", async () => {
    const [outer, inner] = [await volume(), await volume()];
    await mkdir(`${outer}/inner`);
    await writeFile(`${inner}/file`, "inner\n");
    const mounts = [
      { destination: "/mnt", type: "bind", source: outer, options: ["rbind", "rw"] },
      { destination: "/mnt/inner", type: "bind", source: inner, options: ["rbind", "ro"] },
    ];
    expect(await run("cat /mnt/file /mnt/inner/file", { mounts })).toMatchObject({
      stdout: "content\ninner\n",
    });
  });

  it("of tmpfs are empty, writable and gone afterwards", async () => {
    const mounts = [
      { destination: "/tmp/fresh", type: "tmpfs", source: "tmpfs", options: ["size=1m", "mode=1777"] },
    ];
    const script =
      "ls /tmp/fresh; stat -c %a /tmp/fresh; head -c 2000000 /dev/zero >/tmp/fresh/x; stat -c %s /tmp/fresh/x";
    const result = await run(script, { mounts });
    // Just what its size allows: the program says so and the file ends there.
    expect(result.stdout).toBe(`1777\n${1 << 20}\n`);
  });

  it("of one container are not seen by another one of the same image", async () => {
    const source = await volume();
    const flags = ["--mount", `type=bind,src=${source},dst=/etc/data,options=rbind:rw`];
    const id = await ctr.startContainer(["sleep", "1000"], { flags });
    const other = await ctr.runContainer(["ls", "/etc/data"]);
    await ctr.remove(id);
    expect(other.exitCode).not.toBe(0);
  });
});

describe("a read-only root", () => {
  it("takes no writes, and its mounts do", async () => {
    const source = await volume();
    const mounts = [
      { destination: "/mnt", type: "bind", source, options: ["rbind", "rw"] },
      { destination: "/run", type: "tmpfs", source: "tmpfs" },
    ];
    const script =
      "touch /x || echo refused; touch /run/x /mnt/x && echo taken; echo y >/dev/null && echo null";
    const result = await run(script, { mounts, readonlyRoot: true });
    expect(result).toMatchObject({ exitCode: 0, stdout: "refused\ntaken\nnull\n" });
  });

  it("by ctr's --read-only", async () => {
    const result = await ctr.runContainer(
      ["sh", "-c", "touch /x; touch /etc/x; cat /etc/group | head -n 1"],
      {
        flags: ["--read-only"],
      },
    );
    expect(result.stdout).toBe("root:x:0:\n");
    expect(result.stderr.match(/Read-only file system/g)).toHaveLength(2);
  });
});

describe("pseudo file systems and devices of ctr's default spec", () => {
  it("are there", async () => {
    const script = `
      cat /proc/self/comm
      test -d /sys/class && echo sys
      for d in null zero full random urandom tty; do test -c /dev/$d && echo $d; done
      test -c /dev/pts/ptmx && test -e /dev/ptmx && echo ptmx
      echo x >/dev/shm/x && cat /dev/shm/x
      echo away >/dev/null; head -c 4 /dev/zero | wc -c; head -c 4 /dev/urandom | wc -c
      echo x 2>/dev/null >/dev/full || echo full
      for l in fd stdin stdout stderr; do readlink /dev/$l; done`;
    const result = await ctr.runContainer(["sh", "-c", script]);
    expect(result.stdout.split("\n")).toEqual(
      "cat sys null zero full random urandom tty ptmx x 4 4 full /proc/self/fd /proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2"
        .split(" ")
        .concat(""),
    );
  });

  it("are the jail's own: nothing of the host's /dev is seen", async () => {
    const result = await ctr.runContainer(["sh", "-c", "ls /dev | tr '\\n' ' '"]);
    const allowed =
      "console core fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero";
    for (const name of result.stdout.trim().split(" ")) expect(allowed.split(" ")).toContain(name);
  });

  it("let any user write to the null device", async () => {
    const result = await ctr.runContainer(["sh", "-c", "echo x >/dev/null && echo yes"], {
      flags: ["--user", "1000:1000"],
    });
    expect(result.stdout).toBe("yes\n");
  });
});

describe("the root of an image", () => {
  it("is fresh for each container and keeps what is written while it lives", async () => {
    const script =
      "test -e /etc/written && echo old; echo new >/etc/written; cat /etc/written; rm /bin/sleep";
    for (let round = 0; round < 2; round++) {
      const result = await ctr.runContainer(["sh", "-c", script]);
      expect(result.stdout).toBe("new\n");
    }
    expect((await ctr.runContainer(["sleep", "0"])).exitCode).toBe(0);
  });
});

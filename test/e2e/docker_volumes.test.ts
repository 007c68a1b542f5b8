import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { DockerContainer } from "../harness/docker_container.ts";
import { expectNothingLeft } from "../harness/nothing_left.ts";
import { shared, testFolder } from "../harness/shared.ts";
import { uniqueId } from "../harness/unique_id.ts";

const { docker, census, mountDriver } = shared();
expectNothingLeft(census);

const sh = (script: string, ...flags: readonly string[]) =>
  docker.runContainer(["sh", "-c", script], { flags });

/** The busybox image with the files of `folder` over it; removed when the running test ends. */
async function commitWith(folder: string): Promise<string> {
  const container = await DockerContainer.create(docker, ["true"]);
  await docker.ok(["cp", `${folder}/.`, `${container.id}:/`]);
  const image = uniqueId("image");
  await docker.ok(["commit", container.id, image]);
  onTestFinished(async () => void (await docker.run(["rmi", "--force", image])));
  return image;
}

describe("-v with a folder", () => {
  it("shows the host's files and writes to them", async () => {
    const folder = await testFolder();
    await writeFile(`${folder}/in`, "from the host\n");
    const result = await sh("cat /data/in; echo from the jail >/data/out", "-v", `${folder}:/data`);
    expect(result).toMatchObject({ exitCode: 0, stdout: "from the host\n", stderr: "" });
    expect(await readFile(`${folder}/out`, "utf8")).toBe("from the jail\n");
  });

  it("is read-only with :ro", async () => {
    const folder = await testFolder();
    await writeFile(`${folder}/in`, "kept\n");
    const result = await sh("cat /data/in; echo no >/data/in; touch /data/x", "-v", `${folder}:/data:ro`);
    expect(result.exitCode).not.toBe(0);
    expect(result.stdout).toBe("kept\n");
    expect(result.stderr).toContain("Read-only file system");
    expect(await readFile(`${folder}/in`, "utf8")).toBe("kept\n");
  });

  it("may have a target that the image lacks, several folders deep", async () => {
    const folder = await testFolder();
    await writeFile(`${folder}/in`, "deep\n");
    const result = await sh("cat /a/b/c/in", "-v", `${folder}:/a/b/c`);
    expect(result).toMatchObject({ exitCode: 0, stdout: "deep\n" });
  });

  it("leaves nothing of a target that was made for it", async () => {
    const folder = await testFolder();
    await writeFile(`${folder}/file`, "");
    const flags = ["-v", `${folder}:/a/b/c`, "-v", `${folder}/file:/x/file`, "--tmpfs", "/scratch"];
    const container = await DockerContainer.start(docker, ["touch", "/written"], { flags });
    expect(await container.wait()).toBe(0);
    expect((await docker.ok(["diff", container.id])).stdout).toBe("A /written\n");
  });

  it("may lie inside another", async () => {
    const folder = await testFolder();
    await mkdir(`${folder}/outer`);
    await mkdir(`${folder}/inner`);
    await writeFile(`${folder}/inner/in`, "inner\n");
    const flags = ["-v", `${folder}/outer:/data`, "-v", `${folder}/inner:/data/inner`];
    const result = await sh("cat /data/inner/in; touch /data/outer", ...flags);
    expect(result).toMatchObject({ exitCode: 0, stdout: "inner\n" });
    expect((await stat(`${folder}/outer/outer`)).isFile()).toBe(true);
  });

  it("shows what changes on the host while the container runs", async () => {
    const folder = await testFolder();
    const script = "echo ready; until [ -e /data/go ]; do sleep 0.05; done; echo seen";
    const container = await DockerContainer.start(docker, ["sh", "-c", script], {
      flags: ["-v", `${folder}:/data`],
    });
    await container.waitForLog(/ready/);
    await writeFile(`${folder}/go`, "");
    expect(await container.wait()).toBe(0);
  });

  it("never follows a link of the image out of the jail", async () => {
    const folder = await testFolder();
    await mkdir(`${folder}/host`);
    await mkdir(`${folder}/volume`);
    await writeFile(`${folder}/volume/in`, "in the jail\n");
    await mkdir(`${folder}/image`);
    await symlink(`${folder}/host`, `${folder}/image/link`);
    const image = await commitWith(`${folder}/image`);
    const run = (target: string) =>
      docker.runContainer(["cat", `${target}/in`], { image, flags: ["-v", `${folder}/volume:${target}`] });
    expect(await run("/link")).toMatchObject({ exitCode: 0, stdout: "in the jail\n" });
    expect(await run("/link/below")).toMatchObject({ exitCode: 0, stdout: "in the jail\n" });
    expect(await readdir(`${folder}/host`)).toEqual([]);
  });
});

describe("-v with a single file", () => {
  it("shows the host's file and writes to it", async () => {
    const folder = await testFolder();
    await writeFile(`${folder}/file`, "first\n");
    const result = await sh("cat /etc/file; echo second >>/etc/file", "-v", `${folder}/file:/etc/file`);
    expect(result).toMatchObject({ exitCode: 0, stdout: "first\n", stderr: "" });
    expect(await readFile(`${folder}/file`, "utf8")).toBe("first\nsecond\n");
  });

  it("covers a file of the image, which is there again without it", async () => {
    const folder = await testFolder();
    await writeFile(`${folder}/passwd`, "root:x:0:0::/:/bin/sh\n");
    const covered = await sh("cat /etc/passwd", "-v", `${folder}/passwd:/etc/passwd`);
    expect(covered.stdout).toBe("root:x:0:0::/:/bin/sh\n");
    expect((await sh("cat /etc/passwd")).stdout).toContain("alice:x:1000");
  });

  it("is never written to with :ro", async () => {
    const folder = await testFolder();
    await writeFile(`${folder}/file`, "kept\n");
    const result = await sh("cat /file; echo no >/file", "-v", `${folder}/file:/file:ro`);
    expect(result.stdout).toBe("kept\n");
    // bindfs has no files: the jail gets a copy, and what root writes to it is dropped.
    if (mountDriver === "kernel") expect(result.stderr).toContain("Read-only file system");
    expect(await readFile(`${folder}/file`, "utf8")).toBe("kept\n");
  });

  it("keeps its mode and owner", async () => {
    const folder = await testFolder();
    await writeFile(`${folder}/secret`, "hidden\n");
    await chmod(`${folder}/secret`, 0o400);
    const flags = ["-v", `${folder}/secret:/run/secret:ro`, "-u", "alice"];
    const result = await sh("stat -c '%a %u' /run/secret; cat /run/secret", ...flags);
    expect(result).toMatchObject({ exitCode: 1, stdout: "400 0\n" });
    expect(result.stderr).toContain("Permission denied");
  });
});

describe("a named volume", () => {
  it("is shared by containers, and keeps its files after them", async () => {
    const name = uniqueId("volume");
    onTestFinished(async () => void (await docker.run(["volume", "rm", "--force", name])));
    expect((await sh("echo kept >/data/file", "-v", `${name}:/data`)).exitCode).toBe(0);
    expect((await sh("cat /other/file", "-v", `${name}:/other:ro`)).stdout).toBe("kept\n");
    const script = "until [ -e /data/go ]; do sleep 0.05; done";
    const flags = ["-v", `${name}:/data`];
    const container = await DockerContainer.start(docker, ["sh", "-c", script], { flags });
    expect((await sh("touch /data/go", ...flags)).exitCode).toBe(0);
    expect(await container.wait()).toBe(0);
  });

  it("takes over the files that the image has at its place", async () => {
    const name = uniqueId("volume");
    onTestFinished(async () => void (await docker.run(["volume", "rm", "--force", name])));
    expect((await sh("grep -c alice /etc/passwd", "-v", `${name}:/etc`)).stdout).toBe("1\n");
  });

  it("without a name is gone with its container", async () => {
    const count = async () => (await docker.ok(["volume", "ls", "--quiet"])).stdout;
    const before = await count();
    expect((await sh("touch /data/file", "-v", "/data")).exitCode).toBe(0);
    expect(await count()).toBe(before);
  });
});

describe("--tmpfs", () => {
  it("covers what the image has at its place", async () => {
    const result = await sh("touch /home/x; ls /home", "--tmpfs", "/home");
    expect(result).toMatchObject({ exitCode: 0, stdout: "x\n" });
  });

  it("has the size and the mode that it is given", async () => {
    const script = "stat -c %a /scratch; dd if=/dev/zero of=/scratch/x bs=1M count=2";
    const result = await sh(script, "--tmpfs", "/scratch:size=1m,mode=0700");
    expect(result).toMatchObject({ exitCode: 1, stdout: "700\n" });
    expect(result.stderr).toContain("No space left on device");
  });
});

describe("--read-only", () => {
  it("keeps the root from being written, but not volumes and tmpfs", async () => {
    const folder = await testFolder();
    const flags = ["--read-only", "--tmpfs", "/tmp", "-v", `${folder}:/data`];
    const script = "touch /tmp/x /data/x && echo written; echo lost >/dev/null && touch /x";
    const result = await sh(script, ...flags);
    expect(result.exitCode).toBe(1);
    expect(result.stdout).toBe("written\n");
    expect(result.stderr).toContain("Read-only file system");
    expect((await stat(`${folder}/x`)).isFile()).toBe(true);
  });

  it("works with a volume whose target the image lacks", async () => {
    const folder = await testFolder();
    await writeFile(`${folder}/in`, "there\n");
    const result = await sh("cat /new/target/in; touch /bin/x", "--read-only", "-v", `${folder}:/new/target`);
    expect(result).toMatchObject({ exitCode: 1, stdout: "there\n" });
  });
});

describe("docker cp", () => {
  it("copies to a container before its start, and from it after its end", async () => {
    const folder = await testFolder();
    await writeFile(`${folder}/in`, "copied\n");
    const container = await DockerContainer.create(docker, ["sh", "-c", "tr a-z A-Z </in >/out"]);
    await docker.ok(["cp", `${folder}/in`, `${container.id}:/in`]);
    expect((await docker.run(["start", "--attach", container.id])).exitCode).toBe(0);
    await docker.ok(["cp", `${container.id}:/out`, `${folder}/out`]);
    expect(await readFile(`${folder}/out`, "utf8")).toBe("COPIED\n");
  });

  it("copies to and from a running container, its volumes included", async () => {
    const folder = await testFolder();
    await mkdir(`${folder}/volume`);
    await writeFile(`${folder}/in`, "copied\n");
    const container = await DockerContainer.start(docker, ["sleep", "1000"], {
      flags: ["-v", `${folder}/volume:/volume`],
    });
    await docker.ok(["cp", `${folder}/in`, `${container.id}:/root/in`]);
    await docker.ok(["cp", `${folder}/in`, `${container.id}:/volume/in`]);
    const seen = await container.exec(["sh", "-c", "cat /root/in /volume/in; echo out >/root/out"]);
    expect(seen).toMatchObject({ exitCode: 0, stdout: "copied\ncopied\n" });
    await docker.ok(["cp", `${container.id}:/root/out`, `${folder}/out`]);
    expect(await readFile(`${folder}/out`, "utf8")).toBe("out\n");
  });
});

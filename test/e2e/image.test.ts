import { chmod, mkdir, readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { execa } from "execa";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { CommandOptions } from "../harness/background_command.ts";
import { CommandLine } from "../harness/command_line.ts";
import { expectNothingLeft } from "../harness/nothing_left.ts";
import { projectFolder } from "../harness/project_paths.ts";
import { shared, testFolder } from "../harness/shared.ts";
import { uniqueId } from "../harness/unique_id.ts";
import { linuxList, macShape } from "./support/image_files.ts";

const { census, ctr, daemons, docker, folder } = shared();
expectNothingLeft(census);

const rund = new CommandLine(`${projectFolder}/dist/bin/rund`, ["image"]);
const own = `${folder}/own-files`;
const list = `${folder}/image.list`;

beforeAll(async () => {
  await mkdir(own, { recursive: true });
  await writeFile(`${own}/greeting`, "hello from the list\n");
  await writeFile(`${own}/passwd`, "root:x:0:0:root:/root:/bin/sh\n");
  await linuxList(list, own);
});

/** Makes an image by the list of Linux files; its digest is the result. */
async function image(name: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { stdout } = await rund.ok(["--quiet", "--files", list, ...args, name], options);
  return stdout.trim();
}

/** A name that no other test's image has, gone from containerd when the test ends. */
function imageName(): string {
  const name = `docker.io/library/${uniqueId("image")}:latest`;
  onTestFinished(async () => void (await ctr.run(["images", "rm", "--sync", name])));
  return name;
}

async function digestOf(name: string): Promise<string> {
  const { stdout } = await ctr.ok(["images", "ls", `name==${name}`]);
  return /sha256:[0-9a-f]{64}/.exec(stdout)?.[0] ?? "";
}

const script = "cat /srv/link; ls -d /tmp /etc/passwd; id -un";
const said = "hello from the list\n/etc/passwd\n/tmp\nroot\n";

describe("an image of Linux's own files, by a list", () => {
  it.each(["zstd", "gzip", "none"])("compressed with %s is imported and runs", async (compression) => {
    const file = `${await testFolder()}/image.tar`;
    const name = imageName();
    const digest = await image(name, ["--compression", compression, "--output", file]);
    await ctr.ok(["images", "import", file]);
    expect(await digestOf(name)).toBe(digest);
    const result = await ctr.runContainer(["sh", "-c", script], { image: name });
    expect(result).toMatchObject({ exitCode: 0, stdout: said });
  });

  it.each(["zstd", "gzip"])("compressed with %s is loaded by docker and runs", async (compression) => {
    const file = `${await testFolder()}/image.tar`;
    const name = uniqueId("image");
    const cmd = JSON.stringify(["sh", "-c", `echo $WORD; ${script}`]);
    const settings = ["--cmd", cmd, "--env", "WORD=x y", "--label", "a=b", "--workdir", "/srv"];
    await image(name, ["--compression", compression, "--output", file, ...settings]);
    await docker.ok(["load", "--input", file]);
    onTestFinished(async () => void (await docker.ok(["rmi", name])));
    const result = await docker.runContainer([], { image: name });
    expect(result).toMatchObject({ exitCode: 0, stdout: `x y\n${said}` });
    const { stdout } = await docker.ok([
      "inspect",
      "--format",
      "{{.Config.Labels.a}} {{.Config.WorkingDir}}",
      name,
    ]);
    expect(stdout).toBe("b /srv\n");
  });

  it("goes to containerd itself", async () => {
    const name = imageName();
    const env = { PATH: `${dirname(daemons.ctr)}:${process.env["PATH"]}`, TMPDIR: await testFolder() };
    const where = ["--address", ctr.address, "--namespace", ctr.namespace];
    const digest = await image(name, ["--containerd", ...where], { env });
    expect(await digestOf(name)).toBe(digest);
    expect(await readdir(env.TMPDIR)).toEqual([]);
    const result = await ctr.runContainer(["sh", "-c", script], { image: name });
    expect(result).toMatchObject({ exitCode: 0, stdout: said });
  });

  it("is the same one whenever it is made, and wherever it goes", async () => {
    const place = await testFolder();
    const outputs = ["1.tar", "2.tar", "layout"].map((name) => `${place}/${name}`);
    const digests: string[] = [];
    for (const output of outputs) digests.push(await image("same", ["--output", output]));
    expect(new Set(digests).size).toBe(1);
    const [one, two] = await Promise.all(outputs.slice(0, 2).map((file) => readFile(file)));
    expect(two?.equals(one ?? Buffer.of())).toBe(true);
  });

  it("shares all layers but one with the image before a small change", async () => {
    const layout = `${await testFolder()}/layout`;
    const changing = `${own}/changing`;
    const layers: string[][] = [];
    for (const text of ["one", "two"]) {
      await writeFile(changing, text);
      const digest = await image("changing", ["--output", layout]);
      const manifest = JSON.parse(await readFile(`${layout}/blobs/${digest.replace(":", "/")}`, "utf8"));
      layers.push(manifest.layers.map((layer: { digest: string }) => layer.digest));
    }
    await execa("rm", [changing]);
    const [before = [], after = []] = layers;
    expect(before).toHaveLength(4);
    expect(after.map((digest, index) => digest === before[index])).toEqual([true, true, false, true]);
  });
});

it("an image of a folder has all that is in it, with its owners", async () => {
  const place = await testFolder();
  await mkdir(`${place}/home/.config`, { recursive: true });
  await writeFile(`${place}/home/.config/x`, "text", { mode: 0o600 });
  await execa("chown", ["-R", "4321:1234", `${place}/home`]);
  const name = imageName();
  await rund.ok(["--from", `${place}/home`, "--output", `${place}/home.tar`, name]);
  await ctr.ok(["images", "import", `${place}/home.tar`]);
  const mounted = `${place}/mounted`;
  await mkdir(mounted);
  await ctr.ok(["images", "mount", name, mounted]);
  onTestFinished(async () => void (await ctr.run(["images", "unmount", "--rm", mounted])));
  const { stdout } = await execa("stat", ["-c", "%U:%u:%g:%a", `${mounted}/.config/x`]);
  expect(stdout).toBe("UNKNOWN:4321:1234:600");
});

it("an image of a Mac's files says what it is for", async () => {
  const place = await testFolder();
  const root = await macShape(`${place}/mac`);
  const name = imageName();
  const said = await rund.ok([
    ...["--from", root, "--files", "macos", "--platform", "darwin/arm64"],
    ...["--output", `${place}/mac.tar`, name],
  ]);
  expect(said.stdout).toContain(`${name} (darwin/arm64 15.5)`);
  expect(said.stdout).toMatch(/^libraries +4 /m);
  await ctr.ok(["images", "import", "--all-platforms", "--no-unpack", `${place}/mac.tar`]);
  const { stdout } = await ctr.ok(["images", "ls", `name==${name}`]);
  expect(stdout).toContain("darwin/arm64");
});

describe("what cannot be finished leaves nothing", () => {
  it.each(["image.tar", "layout"])("when it is interrupted: %s", async (output) => {
    const [place, out] = [await testFolder(), await testFolder()];
    await writeFile(`${place}/huge`, "");
    await truncate(`${place}/huge`, 1e12);
    const command = rund.spawn(["--from", place, "--output", `${out}/${output}`, "huge"]);
    await command.waitFor(/files: 1 TB/);
    await expect.poll(() => readdir(out)).not.toEqual([]);
    command.kill("SIGINT");
    expect(await command.result).toMatchObject({ exitCode: 130, stdout: "" });
    expect(await readdir(out)).toEqual([]);
  });

  it("when it is interrupted on its way to containerd", async () => {
    const [place, TMPDIR] = [await testFolder(), await testFolder()];
    await writeFile(`${place}/huge`, "");
    await truncate(`${place}/huge`, 1e12);
    const env = { PATH: `${dirname(daemons.ctr)}:${process.env["PATH"]}`, TMPDIR };
    const command = rund.spawn(["--from", place, "--address", ctr.address, "huge"], { env });
    await command.waitFor(/files: 1 TB/);
    command.kill("SIGTERM");
    expect(await command.result).toMatchObject({ exitCode: 143, stdout: "" });
    expect(await readdir(TMPDIR)).toEqual([]);
  });

  it.each(["image.tar", "layout"])("when the disk is full: %s", async (output) => {
    const [place, out] = [await testFolder(), await testFolder()];
    await execa("dd", ["if=/dev/urandom", `of=${place}/much`, "bs=1M", "count=4"]);
    await execa("mount", ["-t", "tmpfs", "-o", "size=1m", "small", out]);
    onTestFinished(async () => void (await execa("umount", [out])));
    const result = await rund.run(["--from", place, "--output", `${out}/${output}`, "much"]);
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain(`rund image: ${out}/${output}: no space left on device`);
    expect(await readdir(out)).toEqual([]);
  });

  it("when files cannot be read, which it names", async () => {
    const place = await testFolder();
    await execa("chmod", ["755", place]);
    await mkdir(`${place}/out`);
    await chmod(`${place}/out`, 0o777);
    await mkdir(`${place}/from/closed`, { recursive: true });
    for (const name of ["open", "secret", "closed/x"]) await writeFile(`${place}/from/${name}`, name);
    await chmod(`${place}/from/secret`, 0o600);
    await chmod(`${place}/from/closed`, 0o700);
    await chmod(folder, 0o755);
    const somebody = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];
    const user = new CommandLine("setpriv", [...somebody, rund.program, ...rund.prefix]);
    const args = ["--from", `${place}/from`, "--output", `${place}/out/image.tar`];
    const refused = await user.run([...args, "partly"]);
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain("/secret: permission denied");
    expect(refused.stderr).toContain("/closed: permission denied");
    expect(refused.stderr).toContain("2 of the files cannot go into the image");
    expect(await readdir(`${place}/out`)).toEqual([]);
    const taken = await user.ok([...args, "--skip-unreadable", "partly"]);
    expect(taken.stdout).toMatch(/^files +2 /m);
  });
});

it("progress is shown as a bar on a terminal", async () => {
  const file = `${await testFolder()}/image.tar`;
  const session = rund.pty(["--files", list, "--output", file, "shown"]);
  await session.waitFor(/libraries +\[[-=]+\] \d+% of [\d.]+ MB/);
  await session.waitFor(/sha256:[0-9a-f]{64}/);
});

it("what is missing or unclear is said", async () => {
  const said = async (...args: readonly string[]) => (await rund.run(args)).stderr;
  expect(await said("x")).toContain("this is not a Mac: say with --from");
  expect(await said("--from", "/srv", "x")).toContain("needs either --output");
  expect(await said("--from", "/no/where", "x")).toBe("rund image: /no/where: no such file or directory\n");
  expect(await said("--from", "/srv")).toContain("needs a name for the image");
  const noCtr = await rund.run(["--files", list, "--containerd", "x"], { env: { PATH: "/no/where" } });
  expect(noCtr.stderr).toContain("rund image: ctr version: executable file not found in $PATH");
  expect((await rund.ok(["--print", "--files", list])).stdout).toMatch(/^own +4 /m);
  expect((await rund.ok(["--print-list"])).stdout).toContain("+/AppleInternal/XBS/.isChrooted");
});

import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { shared, testFolder } from "../harness/shared.ts";
import { uniqueId } from "../harness/unique_id.ts";

const { ctr } = shared();

/** A command that `ctr run -d` starts with its input left open, as on a shell's terminal. */
async function startDetached(args: readonly string[]): Promise<string> {
  const id = uniqueId();
  onTestFinished(() => ctr.remove(id));
  const command = ctr.spawn(ctr.runArguments(args, { id }, "-d"));
  expect(await command.result).toMatchObject({ exitCode: 0 });
  return id;
}

describe("output", () => {
  it("keeps both streams apart", async () => {
    const result = await ctr.runContainer(["sh", "-c", "echo out; echo err >&2"]);
    expect(result).toMatchObject({ exitCode: 0, stdout: "out\n", stderr: "err\n" });
  });

  it("comes whole when there is much of it", async () => {
    const result = await ctr.runContainer(["sh", "-c", "seq 1 400000; echo end >&2"]);
    expect(result.stderr).toBe("end\n");
    const lines = result.stdout.split("\n");
    expect(lines.length).toBe(400_001);
    expect(lines.at(-2)).toBe("400000");
  });

  it("goes nowhere with --null-io, and input ends at once", async () => {
    const command = "cat; echo out; echo err >&2; exit 4";
    const result = await ctr.runContainer(["sh", "-c", command], { flags: ["--null-io"] });
    expect(result).toMatchObject({ exitCode: 4, stdout: "", stderr: "" });
  });

  it("goes into the file of a file:// log, both streams", async () => {
    const file = `${await testFolder()}/new/folder/log`;
    const id = uniqueId();
    onTestFinished(() => ctr.remove(id));
    const flags = ["--log-uri", `file://${file}`];
    await ctr.ok(ctr.runArguments(["sh", "-c", "echo out; echo err >&2"], { id, flags }, "-d"));
    await expect.poll(() => readFile(file, "utf8").catch(() => ""), { timeout: 10_000 }).toContain("err\n");
    expect(await readFile(file, "utf8")).toBe("out\nerr\n");
  });
});

describe("input", () => {
  it("of 100 MB arrives whole and comes back whole", async () => {
    const input = randomBytes(100 << 20);
    const result = await ctr.runContainer(["cat"], { input });
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    expect(result.stdoutBytes.length).toBe(input.length);
    expect(sha256(result.stdoutBytes)).toBe(sha256(input));
  });

  it("of 100 MB arrives whole when nothing comes back", async () => {
    const input = randomBytes(100 << 20);
    const result = await ctr.runContainer(["sha256sum"], { input });
    expect(result.stdout).toBe(`${sha256(input)}  -\n`);
  });

  it("ends for the process when the client closes it", async () => {
    const command = ctr.spawn(ctr.runArguments(["sh", "-c", "echo ready; cat; echo end"], {}, "--rm"));
    await command.waitFor(/ready/);
    command.stdin.write("line\n");
    await command.waitFor(/line/);
    command.stdin.end();
    expect(await command.result).toMatchObject({ exitCode: 0, stdout: "ready\nline\nend\n" });
  });

  // runc's tasks wait for ever: ctr's CloseIO comes when there is no task yet.
  it("of a line ends, in ten containers of ten", async () => {
    const input = "a line\n";
    for (let run = 0; run < 10; run++) {
      const result = await ctr.runContainer(["cat"], { input, timeout: 10_000 });
      expect(result).toMatchObject({ exitCode: 0, stdout: input });
    }
  });

  it("left unread does not keep the container from ending", async () => {
    const input = randomBytes(1 << 20);
    const result = await ctr.runContainer(["sh", "-c", "exit 3"], { input });
    expect(result).toMatchObject({ exitCode: 3 });
  });
});

describe("attach", () => {
  it("after detach reaches the process, again and again", async () => {
    const id = await startDetached(["sh", "-c", 'while read -r line; do echo "got $line"; done']);
    for (const word of ["one", "two", "three"]) {
      const client = ctr.spawn(["task", "attach", id]);
      client.stdin.write(`${word}\n`);
      await client.waitFor(new RegExp(`got ${word}`));
      // A client that dies takes neither the process nor the next client's streams with it.
      client.kill("SIGKILL");
      await client.result;
    }
    expect((await ctr.tasks()).find((task) => task.id === id)).toMatchObject({ status: "RUNNING" });
  });

  it("shows what was written while no client was there, and the exit code", async () => {
    const folder = await testFolder();
    const flags = ["--mount", `type=bind,src=${folder},dst=/mnt,options=rbind:rw`];
    const id = uniqueId();
    onTestFinished(() => ctr.remove(id));
    const script =
      "while ! test -e /mnt/go; do sleep 0.05; done; seq 1 100; touch /mnt/done; read -r x; exit 9";
    const run = ctr.spawn(ctr.runArguments(["sh", "-c", script], { id, flags }, "-d"));
    expect(await run.result).toMatchObject({ exitCode: 0 });
    await ctr.ok(["task", "exec", "--exec-id", "go", id, "touch", "/mnt/go"]);
    await expect
      .poll(
        () =>
          readFile(`${folder}/done`).then(
            () => true,
            () => false,
          ),
        { timeout: 10_000 },
      )
      .toBe(true);
    const client = ctr.spawn(["task", "attach", id]);
    await client.waitFor(/\n99\n100\n/);
    client.stdin.write("\n");
    expect(await client.result).toMatchObject({ exitCode: 9 });
  });
});

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

import { readFile, stat } from "node:fs/promises";
import { expect, it } from "vitest";
import { readLog } from "./support/outcome.ts";
import { containerId, makeBundle, runtimes, testFolder } from "./support/runtimes.ts";

const own = runtimes();
const { rund, both } = own;

it("an error is in the log in JSON, with the fields of runc's, and on standard error", async () => {
  const folder = await testFolder(own);
  for (const runtime of both) {
    const log = `${folder}/${runtime.name}.log`;
    const { stderr } = await runtime.run(["--log", log, "--log-format", "json", "state", "none"]);
    const [line, ...more] = readLog(log);
    expect([runtime.name, more]).toEqual([runtime.name, []]);
    expect(Object.keys(line ?? {})).toEqual(["level", "msg", "time"]);
    expect(line).toMatchObject({ level: "error", msg: "container does not exist" });
    expect(Math.abs(Date.parse(line?.time ?? "") - Date.now())).toBeLessThan(60_000);
    expect(stderr).toContain("container does not exist");
  }
});

it("an error is in the log as text, with the fields of runc's", async () => {
  const folder = await testFolder(own);
  for (const runtime of both) {
    const log = `${folder}/${runtime.name}.log`;
    await runtime.run(["--log", log, "state", "none"]);
    expect(await readFile(log, "utf8")).toMatch(
      /^time="?\S+"? level=error msg="container does not exist"\n$/,
    );
  }
});

it("without a file a person reads the error alone, and a program what it has asked for", async () => {
  expect((await rund.run(["state", "none"])).stderr).toBe("rund state: container does not exist\n");
  const { stderr } = await rund.run(["--log-format=json", "state", "none"]);
  const [line] = stderr.split("\n");
  expect(JSON.parse(line ?? "")).toMatchObject({ level: "error", msg: "container does not exist" });
});

it("the log grows, others may read it, and with debug it says more", async () => {
  const bundle = await makeBundle(own, "true");
  const log = `${bundle.path}/log`;
  const run = (...flags: string[]) =>
    rund.ok(["--log", log, ...flags, "run", "-b", bundle.path, containerId(rund)]);
  await run();
  expect(readLog(log)).toEqual([]);
  await run("--log-format", "json", "--debug");
  const messages = readLog(log).map(({ level, msg }) => `${level} ${msg}`);
  expect(messages).toContainEqual(
    expect.stringMatching(/^debug left out of the spec, a jail cannot have it: linux\.namespaces/),
  );
  await rund.run(["--log", log, "--log-format", "json", "state", "none"]);
  expect(readLog(log)).toHaveLength(messages.length + 1);
  expect((await stat(log)).mode & 0o777).toBe(0o644);
});

it("a log that cannot be opened is an error of its own, as with runc", async () => {
  for (const runtime of both) {
    const { exitCode, stderr } = await runtime.run(["--log", "/no/such/folder/log", "list"]);
    expect([runtime.name, exitCode]).toEqual([runtime.name, 1]);
    expect(stderr).toContain("open /no/such/folder/log: no such file or directory");
  }
});

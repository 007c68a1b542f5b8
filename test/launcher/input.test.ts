import { execFileSync } from "node:child_process";
import {
  closeSync,
  constants,
  existsSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Code } from "../../src/common/error.ts";
import type { JailedProcess } from "../../src/jail/jailed_process.ts";
import { runWaitingLauncher } from "../../src/jail/launch_process.ts";
import { BusyboxJail } from "./busybox_jail.ts";
import { eventually } from "./eventually.ts";
import { launch, processOptions } from "./jail_run.ts";
import { launcher } from "./launcher_under_test.ts";

const { O_WRONLY, O_NONBLOCK } = constants;

let jail: BusyboxJail;
let fifo: string;
let asked: number;
let count = 0;
const copy = () => `${jail.root}/copy`;

beforeAll(async () => {
  jail = await BusyboxJail.create();
});
afterAll(() => jail.remove());

const hold = () => {
  throw new Error("is for those who are started at once");
};

/** A `cat` at the gate; who is asked to keep its input open is not us, so `keeper` is what does. */
async function catAtGate(keeper: () => void = () => {}): Promise<JailedProcess> {
  fifo = jail.hostPath(`fifo-${count++}`);
  execFileSync("mkfifo", [fifo]);
  asked = 0;
  const keep = () => {
    asked++;
    keeper();
  };
  rmSync(copy(), { force: true });
  return launch(jail, ["sh", "-c", "cat > /copy"], { input: { path: fifo, keep, hold } });
}

describe("input that is opened late", () => {
  it("is there when the process stands at the gate, and not before", async () => {
    const process = await catAtGate();
    closeSync(openSync(fifo, O_WRONLY | O_NONBLOCK));
    process.signal(9);
    await process.exited;
    expect(() => openSync(fifo, O_WRONLY | O_NONBLOCK)).toThrow("ENXIO");
  });

  it.each(["a line\n", ""])("ends by itself when the client has come and gone: %j", async (text) => {
    const process = await catAtGate();
    const client = openSync(fifo, O_WRONLY);
    writeSync(client, text);
    closeSync(client);
    await process.start();
    expect((await process.exited).status).toBe(0);
    expect(readFileSync(copy(), "utf8")).toBe(text);
    expect(asked).toBe(0);
  });

  it.each([true, false])(
    "is kept open before the program runs, with a client or without: %s",
    async (hasClient) => {
      let keeper = -1;
      const process = await catAtGate(() => {
        keeper = openSync(fifo, O_WRONLY | O_NONBLOCK);
      });
      const client = hasClient ? openSync(fifo, O_WRONLY) : undefined;
      await process.start();
      expect(asked).toBe(1);
      if (client !== undefined) closeSync(client);
      await eventually(() => existsSync(copy()));
      const late = openSync(fifo, O_WRONLY);
      writeSync(late, "late");
      closeSync(late);
      await eventually(() => readFileSync(copy(), "utf8") === "late");
      closeSync(keeper);
      expect((await process.exited).status).toBe(0);
    },
  );

  it("is held open by whoever starts the process at once, and ends when they let go", async () => {
    fifo = jail.hostPath(`fifo-${count++}`);
    execFileSync("mkfifo", [fifo]);
    let held = -1;
    const release = () => closeSync(held);
    const input = {
      path: fifo,
      keep: () => {
        throw new Error("must not be asked for");
      },
      hold: () => {
        held = openSync(fifo, constants.O_RDWR);
        writeSync(held, "text");
        return release;
      },
    };
    const options = processOptions(jail, ["sh", "-c", "cat > /copy"], { input });
    const waiting = await runWaitingLauncher(options.stdio, launcher);
    const process = await waiting.launchAndStart(options);
    expect((await process.exited).status).toBe(0);
    expect(readFileSync(copy(), "utf8")).toBe("text");
    expect(() => openSync(fifo, O_WRONLY | O_NONBLOCK)).toThrow("ENXIO");
  });

  it("must be a fifo that is there", async () => {
    const path = jail.hostPath("file");
    writeFileSync(path, "");
    const input = (path: string) => launch(jail, ["true"], { input: { path, keep: () => {}, hold } });
    await expect(input(path)).rejects.toMatchObject({
      code: Code.invalidArgument,
      message: `open ${path}: not a fifo`,
    });
    await expect(input("/nowhere/fifo")).rejects.toMatchObject({
      code: Code.notFound,
      message: "open /nowhere/fifo: no such file or directory",
    });
  });
});

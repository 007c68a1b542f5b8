import { constants } from "node:os";
import { describe, expect, it } from "vitest";
import { shared } from "../harness/shared.ts";
import { ApiContainer } from "./support/api_container.ts";
import { jailSpec } from "./support/jail_spec.ts";

const { ctr, api, rootfs } = shared();
const { signals } = constants;

describe("exit codes", () => {
  it.each([0, 1, 2, 126, 127, 137, 255])("%i comes through", async (code) => {
    const result = await ctr.runContainer(["sh", "-c", `exit ${code}`]);
    expect(result.exitCode).toBe(code);
  });

  it.each(["SIGTERM", "SIGKILL", "SIGINT", "SIGHUP", "SIGUSR1"] as const)(
    "a death by %s from outside shows 128 and its number",
    async (name) => {
      const container = await ApiContainer.run(api, jailSpec({ rootfs, args: ["sleep", "1000"] }), {
        nullIo: true,
      });
      const end = container.wait();
      await container.kill(signals[name]);
      expect(await end).toMatchObject({ exitStatus: 128 + signals[name] });
    },
  );

  // The daemons' own runtimes ignore or catch some of these; a program must find them as it expects.
  it.each(["SIGPIPE", "SIGXFSZ", "SIGSEGV", "SIGABRT", "SIGTERM"] as const)(
    "a process that sends itself %s dies of it",
    async (name) => {
      const args = ["sh", "-c", `kill -${name.slice(3)} $$; exit 3`];
      const container = await ApiContainer.create(api, jailSpec({ rootfs, args }), { nullIo: true });
      expect(await container.finish()).toMatchObject({ exitCode: 128 + signals[name] });
    },
  );
});

describe("exit times", () => {
  it("are set for the wait, the state and the delete, and are one and the same", async () => {
    const container = await ApiContainer.create(api, jailSpec({ rootfs, args: ["true"] }), { nullIo: true });
    expect((await container.state()).exitedAt).toSatisfy(isUnset);
    const before = Date.now() / 1000;
    const ended = container.wait();
    await container.start();
    const { exitedAt } = await ended;
    expect(exitedAt?.seconds).toBeGreaterThanOrEqual(Math.floor(before));
    expect(exitedAt?.seconds).toBeLessThanOrEqual(Date.now() / 1000 + 1);
    expect(await container.state()).toMatchObject({ status: "STOPPED", exitedAt });
    expect(await container.delete()).toMatchObject({ exitStatus: 0, exitedAt });
  });

  it("are set for execs", async () => {
    const container = await ApiContainer.run(api, jailSpec({ rootfs, args: ["sleep", "1000"] }), {
      nullIo: true,
    });
    const exec = await container.exec(["sh", "-c", "exit 6"], { nullIo: true });
    const before = Math.floor(Date.now() / 1000);
    await exec.finish();
    const { exitStatus, exitedAt } = await exec.delete();
    expect(exitStatus).toBe(6);
    expect(exitedAt?.seconds).toBeGreaterThanOrEqual(before);
  });
});

/** No time at all, or Go's zero time in the year 1. */
function isUnset(time: { seconds: number } | null): boolean {
  return time === null || time.seconds <= 0;
}

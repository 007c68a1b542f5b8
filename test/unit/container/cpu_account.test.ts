import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CpuAccount } from "../../../src/container/cpu_account.ts";
import type { JailProcess } from "../../../src/jail/process_table.ts";

function look(pid: number, user: number, more: Partial<JailProcess> = {}): JailProcess {
  const rest = { uid: 0, state: "S", threads: 1, rss: 0, memory: 0, command: "" };
  return { pid, ppid: 1, user, system: 0, childUser: 0, childSystem: 0, ...rest, ...more };
}

describe("a jail's processor time", () => {
  it("is that of its processes, user and system apart", () => {
    const account = new CpuAccount();
    expect(account.take([look(10, 5, { system: 7 }), look(11, 3, { childSystem: 2 })])).toEqual({
      user: 8,
      system: 9,
    });
  });

  it("keeps the time of processes that ended and that nobody in the jail waited for", () => {
    const account = new CpuAccount();
    account.take([look(10, 5), look(11, 30)]);
    expect(account.take([look(10, 6)]).user).toBe(36);
    expect(account.take([]).user).toBe(36);
    expect(account.take([look(12, 1)]).user).toBe(37);
  });

  it("counts those once that their parent waited for", () => {
    const account = new CpuAccount();
    account.take([look(10, 5), look(11, 30, { ppid: 10 })]);
    // 11 went on to 40 before it ended, and one that was never seen used 2.
    expect(account.take([look(10, 5, { childUser: 42 })]).user).toBe(47);
  });

  it("finds it with the nearest ancestor that is left", () => {
    const account = new CpuAccount();
    account.take([look(10, 0), look(11, 1, { ppid: 10 }), look(12, 30, { ppid: 11 })]);
    expect(account.take([look(10, 0, { childUser: 33 })]).user).toBe(33);
  });

  it("takes another process with the same pid for another one", () => {
    const account = new CpuAccount();
    account.take([look(10, 50)]);
    expect(account.take([look(10, 3)]).user).toBe(53);
  });

  it("never goes backwards, whatever the table shows", () => {
    const time = fc.nat(1000);
    const process = fc
      .record({ pid: fc.integer({ min: 1, max: 6 }), ppid: fc.nat(6), user: time, childUser: time })
      .map(({ pid, ...more }) => look(pid, more.user, more));
    const table = fc.uniqueArray(process, { selector: ({ pid }) => pid });
    fc.assert(
      fc.property(fc.array(table), (tables) => {
        const account = new CpuAccount();
        let last = 0;
        for (const processes of tables) {
          const { user } = account.take(processes);
          expect(user).toBeGreaterThanOrEqual(last);
          last = user;
        }
      }),
    );
  });
});

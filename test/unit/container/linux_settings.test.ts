import { describe, expect, it } from "vitest";
import { linuxSettings } from "../../../src/container/linux_settings.ts";
import { linuxRecords } from "../../../src/jail/linux_settings.ts";

describe("linuxSettings", () => {
  it("is empty where a spec is silent", () => {
    expect(linuxSettings({ args: ["sh"] }, {})).toEqual({});
    expect(linuxRecords({})).toEqual([]);
  });

  it("has capabilities as numbers, and leaves names out that nobody knows", () => {
    const bounding = ["CAP_CHOWN", "CAP_KILL", "CAP_KILL", "CAP_CHECKPOINT_RESTORE", "CAP_BEER"];
    const { capabilities } = linuxSettings(
      { capabilities: { bounding, effective: ["CAP_KILL"] } },
      undefined,
    );
    expect(capabilities).toEqual([2 ** 40 + 2 ** 5 + 1, 2 ** 5, 0, 0, 0]);
    expect(linuxSettings({ capabilities: {} }, undefined).capabilities).toEqual([0, 0, 0, 0, 0]);
  });

  it("has every other setting as the launcher takes it", () => {
    const process = {
      noNewPrivileges: true,
      oomScoreAdj: -7,
      scheduler: {
        policy: "SCHED_FIFO",
        priority: 3,
        flags: ["SCHED_FLAG_RECLAIM", "SCHED_FLAG_RESET_ON_FORK"],
      },
      ioPriority: { class: "IOPRIO_CLASS_BE", priority: 4 },
      execCPUAffinity: { initial: "7", final: "0-3,7" },
    };
    const linux = {
      personality: { domain: "LINUX32" },
      memoryPolicy: { mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_STATIC_NODES"] },
    };
    expect(linuxRecords(linuxSettings(process, linux))).toEqual([
      "no-new-privileges 1",
      "oom-score -7",
      "scheduler 1 0 3 3 0 0 0",
      "io-priority 16388",
      "personality 8",
      "cpus 0-3,7",
      "memory-policy 32770 0",
    ]);
    expect(linuxRecords(linuxSettings({}, { memoryPolicy: { mode: "MPOL_LOCAL" } }))).toEqual([
      "memory-policy 4 -",
    ]);
  });

  it.each([
    [{ scheduler: { policy: "toString" } }, {}, 'process: scheduler policy: unknown "toString"'],
    [{ scheduler: { policy: "SCHED_RR", flags: ["X"] } }, {}, 'process: scheduler flag: unknown "X"'],
    [{ ioPriority: { class: "X", priority: 0 } }, {}, 'process: ioPriority class: unknown "X"'],
    [{}, { personality: { domain: "BSD" } }, 'process: personality domain: unknown "BSD"'],
    [{}, { memoryPolicy: { mode: "X" } }, 'process: memoryPolicy mode: unknown "X"'],
  ])("refuses %j %j", (process, linux, message) => {
    expect(() => linuxSettings(process, linux)).toThrow(message);
  });
});

import { readFileSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { shared } from "../harness/shared.ts";

const { ctr, daemons } = shared();
const [containerdLog = ""] = daemons.logs;

/** What containerd has logged since `mark`; it takes over the lines of its shims. */
const logSince = (mark: number): string => readFileSync(containerdLog).subarray(mark).toString("utf8");
const namespaceOf = "readlink /proc/self/ns/net";

describe("a private network namespace that nobody sets up", () => {
  it("is left out: the jail runs on the host's, and the log says so", async () => {
    const mark = statSync(containerdLog).size;
    const own = await ctr.runContainer(["sh", "-c", namespaceOf], { flags: ["--net-host"] });
    expect(own.exitCode).toBe(0);
    expect(logSince(mark)).not.toContain("network: the jail shares the host's");

    const result = await ctr.runContainer(["sh", "-c", namespaceOf]);
    expect(result).toMatchObject({ exitCode: 0, stdout: own.stdout });
    await expect.poll(() => logSince(mark)).toContain("network: the jail shares the host's");
  });
});

describe("a network namespace that was set up before", () => {
  it("is refused unless it is the host's", async () => {
    const other = await ctr.runContainer(["true"], { flags: ["--with-ns", "network:/proc/1/ns/mnt"] });
    expect(other.exitCode).not.toBe(0);
    expect(other.stderr).toContain("use --network host");
    const own = await ctr.runContainer(["true"], { flags: ["--with-ns", "network:/proc/self/ns/net"] });
    expect(own).toMatchObject({ exitCode: 0, stderr: "" });
  });
});

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BusyboxJail } from "./busybox_jail.ts";
import { launch } from "./jail_run.ts";
import { RawLauncher } from "./raw_launcher.ts";

let jail: BusyboxJail;
beforeAll(async () => {
  jail = await BusyboxJail.create();
});
afterAll(() => jail.remove());

const whole = () => [`root ${jail.root}`, "arg true", "env PATH=/bin", "cwd /", "uid 0", "gid 0"];

/** The one answer to a request that is wrong. */
async function refusal(...records: readonly string[]): Promise<string | undefined> {
  const raw = new RawLauncher();
  raw.send(...records);
  await raw.answered("error");
  const status = await raw.exited;
  expect([126, 127]).toContain(status);
  expect(raw.answers).toHaveLength(1);
  return raw.answers[0];
}

describe("the launch request", () => {
  it("must be whole", async () => {
    const without = (key: string) => refusal(...whole().filter((record) => !record.startsWith(key)), "");
    expect(await without("root")).toBe("error EINVAL root: must be an absolute path");
    expect(await without("arg")).toBe("error EINVAL args: must not be empty");
    expect(await without("cwd")).toBe("error EINVAL cwd: must be an absolute path");
    expect(await without("uid")).toBe("error EINVAL user: uid and gid must be given");
    expect(await without("gid")).toBe("error EINVAL user: uid and gid must be given");
  });

  it("must have known keys only, each well-formed", async () => {
    const malformed = (key: string) => `error EINVAL launch request: malformed or repeated ${key}`;
    expect(await refusal(...whole(), "seccomp x", "")).toBe("error EINVAL launch request: unknown key");
    expect(await refusal("root", "")).toBe("error EINVAL launch request: record without a value");
    for (const value of ["", " ", "x", "-1", "1x", "1 ", "4294967295", "99999999999999999999999"]) {
      expect(await refusal(`uid ${value}`, "")).toBe(malformed("uid"));
      expect(await refusal(`group ${value}`, "")).toBe(malformed("group"));
    }
    for (const value of ["", "80", "80 ", "80 24 1", "80 65536", "a b"]) {
      expect(await refusal(`terminal ${value}`, "")).toBe(malformed("terminal"));
    }
    for (const value of ["1", "1 2 3", "unlimited", "unlimitedx 1", "1 -1", ""]) {
      expect(await refusal(`limit RLIMIT_CORE ${value}`, "")).toBe(malformed("limit"));
    }
    expect(await refusal("uid 0", "uid 0", "")).toBe(malformed("uid"));
    expect(await refusal("umask 512", "")).toBe(malformed("umask"));
  });

  it("that ends early is refused", async () => {
    const raw = new RawLauncher();
    raw.control.end("root /x\0arg");
    await raw.answered("error");
    expect(raw.answers).toEqual(["error EINVAL launch request: ends early"]);
    await raw.exited;
  });

  it("may be large, but not without a bound", async () => {
    const variable = `VALUE=${"v".repeat(100_000)}`;
    const process = await launch(jail, ["true"], {
      env: Array.from({ length: 70 }, (_, i) => `${i}${variable}`),
    });
    process.signal(9);
    await process.exited;
    const many = Array.from({ length: 90 }, () => `env ${variable}`);
    expect(await refusal(...many, "")).toBe("error EMSGSIZE launch request: message too long");
    expect(await refusal(`arg ${"x".repeat(9 * 1024 * 1024)}`, "")).toContain("message too long");
  });

  it("does not pass on what would break its framing", async () => {
    await expect(launch(jail, ["true", "a\0b"])).rejects.toThrow("process arg: must not contain a NUL");
    await expect(launch(jail, ["true"], { env: ["=x"] })).rejects.toThrow(
      'process env: "=x" is not NAME=value',
    );
  });

  it("can be any bytes: the launcher answers with an error or ends, and runs nothing", async () => {
    const fragment = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc
        .array(
          fc.constantFrom(
            "root /",
            "arg x",
            "uid 0",
            "gid",
            "env ",
            "",
            "terminal 1 1",
            "start",
            "limit",
            " ",
          ),
        )
        .map((records) => Buffer.from(records.map((record) => `${record}\0`).join(""))),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fragment, { maxLength: 5 }), async (parts) => {
        const raw = new RawLauncher();
        raw.control.end(Buffer.concat(parts));
        const status = await raw.exited;
        expect([0, 126, 127]).toContain(status);
        expect(raw.answers.some((answer) => answer === "started")).toBe(false);
      }),
      { numRuns: 150 },
    );
  });
});

import { describe, expect, it } from "vitest";
import { isolationOf } from "../../../src/container/isolation.ts";
import { userJail } from "../../../src/container/user/user_jail.ts";
import { poolIds, readUserPool } from "../../../src/container/user/user_pool.ts";
import type { Process } from "../../../src/oci/spec.ts";

const root = "/homes/70000/home";
const record = { root, journal: "/b/mounts.journal", uid: 70_000 };

function options(process: Process, own: Process = process) {
  const bundle = { path: "/b", folder: "/b", spec: { ociVersion: "1.1.0", process: own } };
  return userJail(record, bundle).launchOptions({ args: ["true"], ...process });
}

describe("a process of a jail that is a user", () => {
  it("is that user, whoever the image's is, with no other group", () => {
    const user = { uid: 1000, gid: 20, additionalGids: [4, 29] };
    expect(options({ user })).toMatchObject({ uid: 70_000, gid: 70_000, additionalGids: [], root });
  });

  it("has its home in place of the image's, and the rest of the environment", () => {
    const { env } = options({ env: ["HOME=/root", "A=1"] });
    expect(env.slice(-4)).toEqual([
      `HOME=${root}`,
      `TMPDIR=${root}/tmp`,
      "USER=rund-70000",
      "LOGNAME=rund-70000",
    ]);
    expect(env).toContain("A=1");
  });

  it.each([
    [undefined, root],
    ["/", root],
    ["/src", `${root}/src`],
    ["/src/../../..", root],
    [`${root}/src`, `${root}/src`],
    [`${root}-2`, `${root}${root}-2`],
  ])("is in its home: %s", (cwd, expected) => {
    expect(options(cwd === undefined ? {} : { cwd }).cwd.replace(/\/$/, "")).toBe(expected);
  });

  it("is refused when it is to be another user than the container's own", () => {
    const own = { user: { uid: 1000, gid: 20 } };
    expect(() => options({ user: { uid: 0, gid: 0 } }, own)).toThrow(
      "user 0:0: a jail that is a user has no other than 1000:20",
    );
    expect(() => options({ user: { uid: 1000, gid: 21 } }, own)).toThrow("no other than 1000:20");
    expect(options({ user: { uid: 1000, gid: 20 } }, own).uid).toBe(70_000);
  });

  it.runIf(process.platform === "linux")("has no capabilities, whatever it asks for", () => {
    const capabilities = { bounding: ["CAP_KILL"], effective: ["CAP_KILL"] };
    expect(options({ capabilities }).linux).toMatchObject({
      capabilities: [0, 0, 0, 0, 0],
      noNewPrivileges: true,
    });
  });
});

describe("what keeps a container apart", () => {
  const spec = (text: string) => ({ ociVersion: "1.1.0", annotations: { "dev.rund.isolation": text } });

  it("says its annotation, or else the setting", () => {
    expect(isolationOf({ ociVersion: "1.1.0" }, "user")).toBe("user");
    expect(isolationOf(spec(""), "user")).toBe("user");
    expect(isolationOf(spec("chroot"), "user")).toBe("chroot");
    expect(isolationOf(spec("user"), "chroot")).toBe("user");
    expect(() => isolationOf(spec("root"), "chroot")).toThrow(
      'annotation dev.rund.isolation: must be chroot or user, not "root"',
    );
  });
});

describe("the pool of user ids", () => {
  it("can be set", () => {
    expect(readUserPool({})).toEqual({ first: 70_000, last: 70_063 });
    expect(readUserPool({ RUND_USERS: "600-600" })).toEqual({ first: 600, last: 600 });
  });

  it.each(["0-5", "600", "600-599", "a-b", "-1-5", "600-600 "])("cannot be %j", (text) => {
    expect(() => readUserPool({ RUND_USERS: text })).toThrow(/RUND_USERS: must be the first and the last/);
  });

  it("knows its own users by their names", () => {
    const names = ["rund-70001", "rund-69999", "rund-70000x", "rund-", "rundle", "rund-70064"];
    expect([...poolIds(names, readUserPool({}))]).toEqual([70_001]);
  });
});

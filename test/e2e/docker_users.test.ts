import { describe, expect, it } from "vitest";
import { expectNothingLeft } from "../harness/nothing_left.ts";
import { shared } from "../harness/shared.ts";

const { docker, census } = shared();
expectNothingLeft(census);

/** User, group and all groups of a container's process. */
async function identity(...flags: readonly string[]): Promise<{ user: string; groups: string[] }> {
  const script = "echo $(id -u):$(id -g); grep Groups: /proc/self/status";
  const { stdout } = await docker.runContainer(["sh", "-c", script], { flags });
  const [user = "", groups = ""] = stdout.split("\n");
  return { user, groups: [...new Set(groups.split(/\s+/).slice(1).filter(Boolean))].toSorted() };
}

describe("-u", () => {
  it.each([
    [[], "0:0", ["0"]],
    [["-u", "alice"], "1000:1000", ["1000", "2000", "29", "4"]],
    [["-u", "1001"], "1001:100", ["100", "29"]],
    [["-u", "alice:users"], "1000:100", ["100"]],
    [["-u", "4711:4712"], "4711:4712", ["4712"]],
    [["-u", "4711"], "4711:0", ["0"]],
    [["-u", "alice:users", "--group-add", "audio", "--group-add", "777"], "1000:100", ["100", "29", "777"]],
  ])("%j is %s with groups %j and no others", async (flags, user, groups) => {
    expect(await identity(...flags)).toEqual({ user, groups });
  });

  it("refuses a user that the image does not know", async () => {
    const result = await docker.runContainer(["true"], { flags: ["-u", "nobody-knows"] });
    expect(result.exitCode).not.toBe(0);
    expect(result.stderr).toContain("nobody-knows");
  });

  it("keeps other users from root's files", async () => {
    const result = await docker.runContainer(["touch", "/root/x"], { flags: ["-u", "alice"] });
    expect(result.exitCode).toBe(1);
  });
});

describe("the environment", () => {
  it("is that of the image, the flags and docker, and nothing of the host's", async () => {
    const { stdout } = await docker.runContainer(["env"], {
      flags: ["-e", "ADDED=two words", "-e", "EMPTY="],
    });
    const names = stdout.trim().split("\n");
    expect(names).toContain("ADDED=two words");
    expect(names).toContain("EMPTY=");
    expect(names).toContain("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    expect(names.map((line) => line.replace(/=.*/, "")).toSorted()).toEqual([
      "ADDED",
      "EMPTY",
      "HOME",
      "HOSTNAME",
      "PATH",
    ]);
  });

  it.each([
    [[], "/root\n"],
    [["-u", "alice"], "/home/alice\n"],
    [["-u", "4711"], "/\n"],
    [["-u", "alice", "-e", "HOME=/tmp"], "/tmp\n"],
  ])("has the user's HOME: %j", async (flags, home) => {
    expect((await docker.runContainer(["sh", "-c", "echo $HOME"], { flags })).stdout).toBe(home);
  });

  it("finds the program on the PATH that the container is given", async () => {
    const flags = ["-e", "PATH=/nowhere:/bin"];
    expect((await docker.runContainer(["echo", "found"], { flags })).stdout).toBe("found\n");
    const lost = await docker.runContainer(["echo", "found"], { flags: ["-e", "PATH=/nowhere"] });
    expect(lost.exitCode).toBe(127);
  });
});

describe("-w", () => {
  it.each(["/tmp", "/", "/made/when/missing"])("starts the program in %s", async (folder) => {
    const result = await docker.runContainer(["pwd"], { flags: ["-w", folder] });
    expect(result).toMatchObject({ exitCode: 0, stdout: `${folder}\n` });
  });
});

it("gives the limits of --ulimit and the usual umask", async () => {
  const flags = ["--ulimit", "nofile=100:200", "--ulimit", "core=0"];
  const script = "ulimit -S -n; ulimit -H -n; ulimit -c; umask";
  const result = await docker.runContainer(["sh", "-c", script], { flags });
  expect(result.stdout).toBe("100\n200\n0\n0022\n");
});

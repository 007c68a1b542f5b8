import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkDaemons } from "../../../../src/cli/doctor/check_daemons.ts";
import type { Finding } from "../../../../src/cli/doctor/finding.ts";
import { HostDouble } from "./host_double.ts";

let host: HostDouble;

beforeEach(() => {
  host = HostDouble.mac();
  // Configuration files are the real ones' paths below Homebrew's folder.
  host.prefix = mkdtempSync(join(tmpdir(), "rund-doctor-"));
});

afterEach(() => rmSync(host.prefix, { recursive: true }));

async function findings(): Promise<Record<string, Finding>> {
  return Object.fromEntries((await checkDaemons(host)).map((finding) => [finding.id, finding]));
}

function install(name: string, version: string): void {
  const path = join(host.prefix, "bin", name);
  host.files.set(path, "");
  host.answers.set(`${path} --version`, version);
}

describe("the doctor's look at daemons", () => {
  it("names those that are missing, with what installs them", async () => {
    const { containerd, docker, buildkit, shim } = await findings();
    expect(containerd).toMatchObject({
      level: "warning",
      fix: ["brew install containerd", "sudo brew services start containerd"],
    });
    expect(docker?.fix?.[0]).toBe("brew install darwin-containers/formula/dockerd");
    expect(buildkit).toMatchObject({ level: "note" });
    expect(shim).toMatchObject({ level: "note" });
  });

  it("tells versions that do not go together, and whether a daemon runs", async () => {
    install("containerd", "containerd github.com/containerd/containerd/v2 2.3.3 abcdef0\n");
    install("dockerd", "Docker version 20.10.24+dfsg1, build 5d6db84\n");
    install("buildkitd", "buildkitd github.com/moby/buildkit v0.12.5 bac3f2b\n");
    host.sockets.add("/var/run/containerd/containerd.sock");
    const { containerd, docker, buildkit } = await findings();
    expect(containerd).toMatchObject({ level: "ok", found: expect.stringMatching(/version 2\.3\.3, runs$/) });
    expect(docker).toMatchObject({ level: "warning", why: "older ones cannot name a runtime by its type" });
    expect(buildkit).toMatchObject({ level: "warning", why: "older ones fail in COPY between volumes" });
  });

  it("says what rund setup would change in a file, or that it cannot be read", async () => {
    install("dockerd", "Docker version 28.5.2\n");
    expect((await findings())["docker-config"]).toMatchObject({
      level: "warning",
      found: expect.stringContaining("lacks runtimes.rund.runtimeType"),
      fix: ["sudo rund setup docker"],
    });
    const file = join(host.prefix, "etc/docker/daemon.json");
    mkdirSync(join(host.prefix, "etc/docker"), { recursive: true });
    writeFileSync(file, '{ "runtimes": { "rund": { "runtimeType": "io.containerd.rund.v1" } } }');
    expect((await findings())["docker-config"]).toMatchObject({ level: "ok" });
    writeFileSync(file, "{ runtimes");
    expect((await findings())["docker-config"]).toMatchObject({ level: "problem" });
  });

  it("looks for the shim on containerd's own PATH, on a Mac through ps", async () => {
    host.answers.set("pgrep -x containerd", "312\n");
    host.answers.set(
      "ps -Eww -o command= -p 312",
      "/opt/bin/containerd PATH=/opt/bin:/usr/bin HOME=/var/root\n",
    );
    expect((await findings())["shim"]).toMatchObject({
      level: "problem",
      found: "containerd-shim-rund-v1 is not on the PATH of containerd (process 312)",
    });
    host.files.set("/opt/bin/containerd-shim-rund-v1", "");
    expect((await findings())["shim"]).toMatchObject({ level: "ok" });
  });

  it("and on Linux through the process table", async () => {
    host.platform = "linux";
    host.answers.set("pgrep -x containerd", "312\n");
    host.files.set("/proc/312/environ", "HOME=/\0PATH=/x/bin:/bin\0");
    host.files.set("/x/bin/containerd-shim-rund-v1", "");
    expect((await findings())["shim"]).toMatchObject({
      found: "/x/bin/containerd-shim-rund-v1, on the PATH of containerd (process 312)",
    });
  });
});

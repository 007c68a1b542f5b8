import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { applySetup } from "../../../../src/cli/setup/apply_setup.ts";
import { planSetup } from "../../../../src/cli/setup/setup_plan.ts";
import type { SetupChoices, SetupHost, TargetName } from "../../../../src/cli/setup/setup_target.ts";
import { configFile } from "../../../../src/cli/setup/setup_target.ts";
import { undoSetup } from "../../../../src/cli/setup/undo_setup.ts";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rund-setup-"));
  file = join(folder, "file");
});

afterEach(() => rmSync(folder, { recursive: true }));

const linux: SetupHost = {
  platform: "linux",
  architecture: "amd64",
  prefix: "/usr/local",
  runtimeDirectory: "/run/rund",
};
const mac: SetupHost = {
  platform: "darwin",
  architecture: "arm64",
  prefix: "/opt/homebrew",
  runtimeDirectory: "/var/run/rund",
};

async function setUp(
  target: TargetName,
  host: SetupHost,
  choices: Partial<SetupChoices> = {},
): Promise<number> {
  const plan = await planSetup(target, file, host, { snapshotter: undefined, isDefault: false, ...choices });
  applySetup(plan);
  return plan.changes.length;
}

const content = () => readFileSync(file, "utf8");

describe("rund setup", () => {
  it("knows where the files are", () => {
    const targets = ["containerd", "docker", "buildkit"] as const;
    expect(targets.map((target) => configFile(target, linux))).toEqual([
      "/etc/containerd/config.toml",
      "/etc/docker/daemon.json",
      "/etc/buildkit/buildkitd.toml",
    ]);
    expect(targets.map((target) => configFile(target, mac))).toEqual([
      "/etc/containerd/config.toml",
      "/opt/homebrew/etc/docker/daemon.json",
      "/opt/homebrew/etc/buildkit/buildkitd.toml",
    ]);
  });

  it("names the runtime to docker among what is there, once", async () => {
    writeFileSync(file, '{\n    "group": "staff",\n    "runtimes": { "other": { "path": "x" } }\n}');
    expect(await setUp("docker", linux)).toBe(1);
    expect(JSON.parse(content())).toEqual({
      group: "staff",
      runtimes: { other: { path: "x" }, rund: { runtimeType: "io.containerd.rund.v1" } },
    });
    expect(content()).toContain('\n    "group"');
    expect(await setUp("docker", linux)).toBe(0);
    expect(await setUp("docker", linux, { isDefault: true })).toBe(1);
    expect(JSON.parse(content())["default-runtime"]).toBe("rund");
  });

  it("needs nothing of containerd on Linux", async () => {
    expect(await setUp("containerd", linux)).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("has containerd unpack images of macOS on a Mac", async () => {
    expect(await setUp("containerd", mac)).toBe(2);
    expect(content()).toBe(`version = 2

[plugins."io.containerd.transfer.v1.local"]
  unpack_config = [{ platform = "darwin/arm64", snapshotter = "native", differ = "walking" }]
`);
  });

  it("keeps what is unpacked already, and names rund's own snapshotter", async () => {
    writeFileSync(
      file,
      `version = 3\n[[plugins.'io.containerd.transfer.v1.local'.unpack_config]]\n  platform = "linux/arm64"\n  snapshotter = "erofs"\n`,
    );
    expect(await setUp("containerd", mac, { snapshotter: "rund" })).toBe(6);
    expect(content()).toBe(`version = 3
[[plugins.'io.containerd.transfer.v1.local'.unpack_config]]
  platform = "linux/arm64"
  snapshotter = "erofs"

[proxy_plugins.rund]
  type = "snapshot"
  address = "/var/run/rund/snapshotter.sock"

[proxy_plugins.rund-diff]
  type = "diff"
  address = "/var/run/rund/snapshotter.sock"

[plugins."io.containerd.service.v1.diff-service"]
  default = ["rund-diff", "walking"]

[[plugins."io.containerd.transfer.v1.local".unpack_config]]
  platform = "darwin/arm64"
  snapshotter = "rund"
  differ = "walking"
`);
  });

  it("has containerd on Linux unpack into rund's own snapshotter beside the usual one", async () => {
    expect(await setUp("containerd", linux, { snapshotter: "rund" })).toBe(7);
    expect(content()).toContain(`
[plugins."io.containerd.transfer.v1.local"]
  unpack_config = [{ platform = "linux/amd64", snapshotter = "overlayfs" }, \
{ platform = "linux/amd64", snapshotter = "rund", differ = "walking" }]
`);
    expect(await setUp("containerd", linux, { snapshotter: "rund" })).toBe(0);
  });

  it("has docker keep its images there", async () => {
    expect(await setUp("docker", linux, { snapshotter: "rund" })).toBe(3);
    expect(JSON.parse(content())).toMatchObject({
      features: { "containerd-snapshotter": true },
      "storage-driver": "rund",
    });
  });

  it("refuses containerd's old form, with what helps", async () => {
    writeFileSync(file, 'oom_score = 1\n[plugins.linux]\nshim = "x"\n');
    await expect(setUp("containerd", mac)).rejects.toThrow(
      `${file}: containerd's configuration is of version 1`,
    );
  });

  it("sends BuildKit's RUN through containerd", async () => {
    writeFileSync(file, '# mine\ndebug = true\n[worker.containerd]\n  namespace = "b"\n');
    await setUp("buildkit", linux);
    expect(content()).toBe(`# mine
debug = true
[worker.containerd]
  namespace = "b"
  enabled = true
  networkMode = "host"

[worker.oci]
  enabled = false

[worker.containerd.runtime]
  name = "io.containerd.rund.v1"
`);
  });

  it("understands the runtime's name alone, as the fork for macOS has it", async () => {
    writeFileSync(file, '[worker.containerd]\n  runtime = "io.containerd.runc.v2"\n');
    await setUp("buildkit", mac);
    expect(content()).toContain('  runtime = "io.containerd.rund.v1"\n');
    expect(content()).toContain('  snapshotter = "native"\n');
  });

  it("names the file that it cannot read", async () => {
    writeFileSync(file, "{");
    await expect(setUp("docker", linux)).rejects.toThrow(`${file}: not JSON`);
  });
});

describe("rund setup --undo", () => {
  const text = '# mine\n[worker.containerd]\n  namespace = "b"\n\n# end\n';

  it("gives the file back as it was, byte for byte, after several setups", async () => {
    writeFileSync(file, text);
    chmodSync(file, 0o640);
    await setUp("buildkit", linux);
    await setUp("buildkit", linux, { snapshotter: "native" });
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(await undoSetup("buildkit", file)).toEqual({ kind: "restored" });
    expect(content()).toBe(text);
    expect(readdirSync(folder)).toEqual(["file"]);
    expect(await undoSetup("buildkit", file)).toEqual({ kind: "nothing" });
  });

  it("removes a file that was not there", async () => {
    await setUp("docker", linux);
    expect(await undoSetup("docker", file)).toEqual({ kind: "removed" });
    expect(readdirSync(folder)).toEqual([]);
  });

  it("takes out its own values alone when somebody has changed the file since", async () => {
    writeFileSync(file, text);
    await setUp("buildkit", linux);
    const changed = content().replace('namespace = "b"', 'namespace = "c"').replace('"host"', '"cni"');
    writeFileSync(file, changed);
    const result = await undoSetup("buildkit", file);
    expect(result).toMatchObject({
      kind: "taken-out",
      kept: [{ path: ["worker", "containerd", "networkMode"] }],
    });
    expect(content()).toBe(
      '# mine\n[worker.containerd]\n  namespace = "c"\n  networkMode = "cni"\n\n# end\n',
    );
    expect(readFileSync(`${file}.before-rund`, "utf8")).toBe(text);
  });

  it("writes through a link, which stays one", async () => {
    const real = join(folder, "real");
    writeFileSync(real, "{}\n");
    symlinkSync("real", file);
    await setUp("docker", linux);
    expect(readFileSync(real, "utf8")).toContain("rund");
    await undoSetup("docker", file);
    expect(readdirSync(folder).sort()).toEqual(["file", "real"]);
    expect(readFileSync(real, "utf8")).toBe("{}\n");
  });
});

import { writeFile } from "node:fs/promises";
import { execa } from "execa";
import { beforeAll, describe, expect, it } from "vitest";
import { applySetup } from "../../src/cli/setup/apply_setup.ts";
import { valueAt } from "../../src/cli/setup/config_value.ts";
import { planSetup } from "../../src/cli/setup/setup_plan.ts";
import type { SetupHost, TargetName } from "../../src/cli/setup/setup_target.ts";
import { tomlFormat } from "../../src/cli/setup/toml_format.ts";
import { containerdVersions } from "../harness/containerd_programs.ts";
import { testFolder } from "../harness/shared.ts";
import { containerdTools, dockerTools, dockerVersions } from "../harness/tools.ts";

const mac: SetupHost = {
  platform: "darwin",
  architecture: "arm64",
  prefix: "/opt/homebrew",
  runtimeDirectory: "/var/run/rund",
};

/** A file as `rund setup` writes it where there was that text. */
async function written(target: TargetName, host: SetupHost, before: string): Promise<string> {
  const file = `${await testFolder()}/file`;
  await writeFile(file, before);
  applySetup(await planSetup(target, file, host, { snapshotter: "rund", isDefault: true }));
  return file;
}

// One of them is built from its source when it is missing.
beforeAll(async () => {
  for (const version of containerdVersions) await containerdTools(version);
}, 900_000);

describe("the files of rund setup", () => {
  it.each(["2.3", "2.1", "1.7"] as const)("are read by containerd %s as they are meant", async (version) => {
    const { containerd } = await containerdTools(version);
    const file = await written("containerd", mac, "version = 2\n");
    const { stdout } = await execa(containerd, ["--config", file, "config", "dump"]);
    const meant = tomlFormat.parse(stdout);
    const transfer = ["plugins", "io.containerd.transfer.v1.local", "unpack_config"];
    const address = "/var/run/rund/snapshotter.sock";
    expect(valueAt(meant, transfer)).toMatchObject([
      { platform: "darwin/arm64", snapshotter: "rund", differ: "walking" },
    ]);
    expect(valueAt(meant, ["proxy_plugins"])).toMatchObject({
      rund: { type: "snapshot", address },
      "rund-diff": { type: "diff", address },
    });
    const diff = ["plugins", "io.containerd.service.v1.diff-service", "default"];
    expect(valueAt(meant, diff)).toEqual(["rund-diff", "walking"]);
  });

  it.each(dockerVersions)("are read by dockerd %s", async (version) => {
    const { dockerd } = await dockerTools(version);
    const file = await written("docker", { ...mac, platform: "linux" }, '{ "userland-proxy": false }');
    const { stderr, stdout } = await execa(dockerd, ["--validate", "--config-file", file]);
    expect(`${stdout}${stderr}`).toContain("configuration OK");
  });
});

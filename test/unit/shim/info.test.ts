import { describe, expect, it } from "vitest";
import packageJson from "../../../package.json" with { type: "json" };
import { RuntimeInfo } from "../../../src/proto/generated/containerd/types/introspection.ts";
import { runtimeInfo } from "../../../src/shim/info.ts";

describe("runtimeInfo", () => {
  const info = RuntimeInfo.decode(RuntimeInfo.encode(runtimeInfo("containerd-shim-rund-v1")).finish());

  it("names the runtime as containerd does, and its version", () => {
    expect(info.name).toBe("io.containerd.rund.v1");
    expect(runtimeInfo("containerd-shim-rund-v2").name).toBe("io.containerd.rund.v2");
    expect(info.version?.version).toBe(packageJson.version);
  });

  it("carries the features as JSON, under the name that containerd registers", () => {
    expect(info.features?.typeUrl).toBe(
      "types.containerd.io/opencontainers/runtime-spec/1/features/Features",
    );
    const features = JSON.parse(Buffer.from(info.features?.value ?? []).toString());
    expect(features).toMatchObject({
      ociVersionMin: "1.0.0",
      mountOptions: expect.arrayContaining(["ro"]),
    });
  });

  it("keeps its own mounts from containerd's mount manager", () => {
    const mounts = info.annotations["containerd.io/runtime-allow-mounts"]?.split(",");
    expect(mounts).toContain("bind");
  });
});

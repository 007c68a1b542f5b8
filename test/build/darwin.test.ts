import { rm } from "node:fs/promises";
import { expect, inject, it, onTestFinished } from "vitest";
import { Docker } from "../harness/docker.ts";
import { uniqueId } from "../harness/unique_id.ts";
import { onBase } from "./support/build_context.ts";
import { eachWay } from "./support/builds.ts";
import { BuiltImage } from "./support/built_image.ts";
import { stepOutput, succeeded } from "./support/way.ts";

/** What of a Mac's program decides that it is one: the head of a Mach-O file for arm64. */
const prepare = "printf '\\317\\372\\355\\376\\014\\000\\000\\001%0100d' 0 >mac-program";

eachWay((way) => {
  it.each(["darwin/arm64", "darwin/amd64"])("%s is what the image and its index say", async (platform) => {
    const dockerfile = onBase("RUN uname -s >/ran", "USER alice", 'CMD ["/ran"]');
    const folder = await way.layout({ dockerfile }, ["--platform", platform, "--provenance=mode=min"]);
    onTestFinished(() => rm(folder, { recursive: true }));
    const images = BuiltImage.readAll(folder);
    expect([...images.keys()]).toEqual([platform, "unknown/unknown"]);
    const image = images.get(platform);
    const [os, architecture] = platform.split("/");
    expect(image?.document).toMatchObject({ os, architecture, config: { User: "alice" } });
    // On Linux the path is proven by Linux's programs: what a program is decides, not what the image is called.
    expect(image?.text("ran")).toBe("Linux\n");
  });

  it("a Mac's program in a step is refused on Linux, with what is which", async () => {
    const dockerfile = onBase("COPY --chmod=755 mac-program /bin/", 'RUN ["mac-program"]');
    const result = await way.build({ dockerfile, prepare }, ["--platform", "darwin/arm64"]);
    expect(result.exitCode).not.toBe(0);
    if (way.isRunc) return;
    expect(result.stderr).toMatch(
      /exec: "mac-program": exec format error: the image has a macOS program \(arm64\), and this host runs Linux \(\w+\): use an image for linux\//,
    );
  });

  it("linux and darwin under one tag: built, pushed, and pulled by containerd, each for its platform", async () => {
    const name = `${inject("builds").registry}/${uniqueId("both")}:v1`;
    const dockerfile = onBase(
      "ARG TARGETPLATFORM",
      "RUN echo $TARGETPLATFORM >/platform",
      'CMD ["cat", "/platform"]',
    );
    const platforms = ["linux/amd64", "darwin/arm64"];
    const args = [
      "--platform",
      platforms.join(","),
      "--output",
      `type=registry,name=${name},registry.insecure=true`,
    ];
    succeeded(await way.build({ dockerfile }, args));
    const { ctr } = way;
    onTestFinished(async () => {
      await ctr.run(["image", "rm", "--sync", name, `${name}-copy`]);
    });
    await ctr.ok(["image", "pull", "--plain-http", "--all-platforms", name]);
    const listed = await ctr.ok(["image", "ls", `name==${name}`]);
    for (const platform of platforms) expect(listed.stdout).toContain(platform);
    await ctr.ok(["image", "tag", name, `${name}-copy`]);
    await ctr.ok(["image", "push", "--plain-http", `${name}-copy`]);
    const run = await ctr.runContainer([], { image: name });
    expect(run.stdout, run.stderr).toBe("linux/amd64\n");
    const onMac = await ctr.runContainer([], { image: name, flags: ["--platform", "darwin/arm64"] });
    expect(onMac.stdout, onMac.stderr).toBe("darwin/arm64\n");
    const from = { dockerfile: `FROM ${name}-copy\nRUN cat /platform\n` };
    const built = succeeded(await way.build(from, ["--platform", "darwin/arm64", "--no-cache"]));
    expect(stepOutput(built)).toEqual(["darwin/arm64"]);
  });

  it("docker pulls, lists, tags, pushes and runs it", async () => {
    const { docker: client, registry } = inject("builds");
    const docker = new Docker(client.program, client.socket, client.settings);
    const name = `${registry}/${uniqueId("mac")}:v1`;
    // No layer is one that other builds have made. Of a layer whose snapshot it has already, containerd's pull leaves the
    // content out, and dockerd takes an image that lacks content for one without this platform. Snapshots without content
    // are what dockerd's own builds leave to the cache when their image is removed.
    const dockerfile = [
      "FROM scratch",
      "COPY own /",
      "ADD rootfs.tar /",
      "RUN echo of a mac >/file",
      "COPY --chmod=755 mac-program /bin/",
      'CMD ["cat", "/file"]',
    ].join("\n");
    const context = { dockerfile, files: { own: name }, prepare };
    const output = `type=registry,name=${name},registry.insecure=true`;
    succeeded(await way.build(context, ["--platform", "darwin/arm64", "--output", output]));
    onTestFinished(async () => {
      await docker.run(["image", "rm", "--force", name, `${name}-copy`]);
    });
    await docker.ok(["pull", "--platform", "darwin/arm64", name]);
    const format = ["--format", "{{.Os}}/{{.Architecture}}", "--platform", "darwin/arm64"];
    const inspected = await docker.ok(["image", "inspect", ...format, name]);
    expect(inspected.stdout).toBe("darwin/arm64\n");
    await docker.ok(["tag", name, `${name}-copy`]);
    await docker.ok(["push", "--platform", "darwin/arm64", `${name}-copy`]);
    const listed = await docker.ok(["images", "--format", "{{.Repository}}:{{.Tag}}"]);
    expect(listed.stdout).toContain(`${name}-copy\n`);
    const flags = ["--platform", "darwin/arm64"];
    const run = await docker.runContainer([], { image: name, flags });
    expect(run.stdout, run.stderr).toBe("of a mac\n");
    const refused = await docker.runContainer(["mac-program"], { image: name, flags });
    expect(refused.stderr).toContain("the image has a macOS program (arm64), and this host runs Linux");
  });
});

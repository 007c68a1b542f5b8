import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BuildkitDaemon } from "../harness/buildkit_daemon.ts";
import { Buildx } from "../harness/buildx.ts";
import { Daemons } from "../harness/daemons.ts";
import type { Census } from "../harness/host_census.ts";
import { Way } from "./support/way.ts";

interface Builder {
  readonly way: Way;
  stop(): Promise<void>;
}

/** buildkitd whose steps are containers of containerd's, by the options of its runtime. */
async function buildkitd(snapshotter: "native" | "overlayfs"): Promise<Builder> {
  const daemons = await Daemons.start({ docker: false });
  const { folder, containerd } = daemons;
  const runtimeOptions = `${folder}/options.json`;
  await writeFile(runtimeOptions, '{ "isolation": "user" }\n');
  const builder = await BuildkitDaemon.start({
    folder: `${folder}/b`,
    containerd,
    snapshotter,
    runtimeOptions,
  });
  const stop = async () => {
    await builder.stop();
    await daemons.stop();
  };
  return { way: wayOf(daemons, await builder.buildx(), builder.daemon.command.logFile, []), stop };
}

/** dockerd's own builder, whose steps are run by rund's command line, by the environment. */
async function dockerd(): Promise<Builder> {
  const env = { RUND_ISOLATION: "user" };
  const daemons = await Daemons.start({ storage: "overlayfs", builds: "rund", env });
  const buildx = await Buildx.open({ ...daemons.docker.env, BUILDX_BUILDER: "default" });
  const log = daemons.dockerd.daemon.command.logFile;
  return { way: wayOf(daemons, buildx, log, ["--network=host"]), stop: () => daemons.stop() };
}

function wayOf(daemons: Daemons, buildx: Buildx, log: string, flags: readonly string[]): Way {
  const { folder, containerd, ctr } = daemons;
  const { program, env } = buildx;
  const logs = [log, containerd.daemon.command.logFile];
  const reached = { folder, ctr: ctr.program, address: containerd.address, logs };
  return new Way({ name: "user", driver: "kernel", program, env, flags, ...reached });
}

describe.each([
  ["buildkitd with overlay snapshots", () => buildkitd("overlayfs")],
  ["buildkitd with copied snapshots", () => buildkitd("native")],
  ["dockerd's own builder", dockerd],
])("steps that are users: %s", (_name, start) => {
  let builder: Builder;
  let before: Census;

  beforeAll(async () => {
    builder = await start();
    before = builder.way.census.take();
  });

  afterAll(async () => {
    await builder.way.census.expectNoMoreThan(before, 15_000);
    await builder.stop();
  });

  it("run in their home, with its profile, and leave what they made, as the image's user", async () => {
    const dockerfile = [
      "FROM scratch",
      "COPY .obuilder_profile.sh /",
      "COPY --chmod=755 source /source",
      "RUN id -un >who; pwd >where; echo $FROM_PROFILE >profile",
      "WORKDIR /work",
      "RUN cat $HOME/source/file >copied; mktemp >/dev/null; rm $TMPDIR/*; (setsid sleep 1000 &)",
      "RUN true",
      "RUN --mount=type=cache,target=/cache,id=user echo cached >$HOME/cache/file",
      "RUN --mount=type=cache,target=/cache,id=user --mount=type=secret,id=s cat $HOME/cache/file $HOME/run/secrets/s >read",
      'RUN ["/source/tool"]',
      "",
    ].join("\n");
    const files = {
      ".obuilder_profile.sh": "export FROM_PROFILE=yes\n",
      "source/file": "a source\n",
      "source/tool": '#!/bin/sh\necho "from a tool" >tool\n',
    };
    const image = await builder.way.image({ dockerfile, files }, ["--secret", "id=s,env=BUILD_SECRET"], {
      env: { BUILD_SECRET: "word" },
    });
    const layers = image.layers
      .slice(2)
      .map((entries) => entries.map(({ path, uid, gid }) => `${uid}:${gid} ${path}`));
    expect(layers).toEqual([
      ["0:0 profile", "0:0 where", "0:0 who"],
      ["0:0 work"],
      ["0:0 work", "0:0 work/copied"],
      [],
      [],
      ["0:0 work", "0:0 work/read"],
      ["0:0 work", "0:0 work/tool"],
    ]);
    expect(image.text("who")).toMatch(/^rund-7\d{4}\n$/);
    expect(image.text("where")).toMatch(/^\/run\/rund-homes\/7\d{4}\/home\n$/);
    expect(image.text("profile")).toBe("yes\n");
    expect(image.text("work/copied")).toBe("a source\n");
    expect(image.text("work/read")).toBe("cached\nword");
  });
});

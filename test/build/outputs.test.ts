import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, inject, it, onTestFinished } from "vitest";
import { uniqueId } from "../harness/unique_id.ts";
import { onBase } from "./support/build_context.ts";
import { eachWay } from "./support/builds.ts";
import { readTar } from "./support/tar_reader.ts";
import { succeeded, type Way } from "./support/way.ts";

const context = {
  dockerfile: onBase("RUN mkdir /made && echo by a step >/made/file", 'CMD ["cat", "/made/file"]'),
};

async function folder(): Promise<string> {
  const made = await mkdtemp(`${inject("builds").folder}/output-`);
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

/** Runs an image that containerd has, in a jail of the way's containerd. */
async function runs(way: Way, image: string): Promise<void> {
  onTestFinished(async () => {
    await way.ctr.run(["image", "rm", "--sync", image]);
  });
  const run = await way.ctr.runContainer([], { image });
  expect(run.stdout, run.stderr).toBe("by a step\n");
}

eachWay((way) => {
  it("type=docker: an archive that can be imported and run", async () => {
    const file = `${await folder()}/image.tar`;
    const name = `docker.io/library/${uniqueId("built")}:latest`;
    succeeded(await way.build(context, ["--output", `type=docker,name=${name},dest=${file}`]));
    await way.ctr.ok(["image", "import", file]);
    await runs(way, name);
  });

  it("type=oci: with and without provenance", async () => {
    for (const [flag, manifests] of [
      ["--provenance=false", 1],
      ["--provenance=mode=max", 2],
    ] as const) {
      const target = await folder();
      succeeded(await way.build(context, [flag, "--output", `type=oci,tar=false,dest=${target}`]));
      const read = async (path: string) => JSON.parse(await readFile(`${target}/${path}`, "utf8"));
      let index = await read("index.json");
      if (/index/.test(index.manifests[0].mediaType)) {
        index = await read(`blobs/${index.manifests[0].digest.replace(":", "/")}`);
      }
      expect(index.manifests).toHaveLength(manifests);
    }
  });

  it("type=local and type=tar: the files of the image", async () => {
    const target = await folder();
    succeeded(await way.build(context, ["--output", `type=local,dest=${target}/local`]));
    expect(await readFile(`${target}/local/made/file`, "utf8")).toBe("by a step\n");
    succeeded(await way.build(context, ["--output", `type=tar,dest=${target}/image.tar`]));
    const entries = readTar(await readFile(`${target}/image.tar`));
    const top = (paths: readonly string[]) =>
      [...new Set(paths.map((path) => path.split("/")[0]))].toSorted();
    expect(top(entries.map(({ path }) => path))).toEqual(top(await readdir(`${target}/local`)));
    expect(entries.find(({ path }) => path === "made/file")?.content.toString()).toBe("by a step\n");
    const inFolder = await promisify(execFile)("ls", ["-A", `${target}/local/proc`, `${target}/local/dev`]);
    expect(inFolder.stdout.split("\n").filter((line) => line !== "" && !line.endsWith(":"))).toEqual([]);
  });

  it("type=registry: pushed, pulled by containerd, and run", async () => {
    const name = `${inject("builds").registry}/${uniqueId("built")}:v1`;
    succeeded(await way.build(context, ["--output", `type=registry,name=${name},registry.insecure=true`]));
    await way.ctr.ok(["image", "pull", "--plain-http", name]);
    await runs(way, name);
    const again = succeeded(
      await way.build({ dockerfile: `FROM ${name}\nRUN cat /made/file\n` }, ["--no-cache"]),
    );
    expect(again.stderr).toMatch(/^#\d+ \d\.\d+ by a step$/m);
  });
});

import { rm, writeFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { uniqueId } from "../harness/unique_id.ts";
import { onBase, writeContext } from "./support/build_context.ts";
import { eachWay } from "./support/builds.ts";
import { stepOutput, succeeded } from "./support/way.ts";

const builds = 50;
const lines = 20;

eachWay((way) => {
  it(`the output of each step is complete, in ${builds} builds of ${builds}`, async () => {
    const run = uniqueId(way.name);
    // The last line comes with the step's end; in every second build it is the only one.
    const long = `echo $BUILD first; sleep 0.0$((BUILD % 5)); for i in $(seq ${lines}); do echo $BUILD $i; done`;
    const folder = await writeContext({
      dockerfile: onBase("ARG RUN BUILD", `RUN [ $((BUILD % 2)) = 0 ] || { ${long}; }; echo $BUILD last >&2`),
    });
    const onHost = way.flags.includes("--network=host");
    const network = onHost ? { network: "host" } : {};
    const targets = Array.from({ length: builds }, (_, index) => [
      `t${index}`,
      { context: folder, args: { RUN: run, BUILD: `${index}` }, output: ["type=cacheonly"], ...network },
    ]);
    await writeFile(
      `${folder}/bake.json`,
      JSON.stringify({
        group: { default: { targets: targets.map(([name]) => name) } },
        target: Object.fromEntries(targets),
      }),
    );
    const allow = onHost ? ["--allow=network.host"] : [];
    const args = ["bake", ...allow, "--progress=plain", "--provenance=false", "-f", `${folder}/bake.json`];
    const seen = stepOutput(succeeded(await way.buildx.run(args, { timeout: 120_000, cwd: folder })));
    await rm(folder, { recursive: true });
    const expected = targets.flatMap((_, index) => {
      if (index % 2 === 0) return [`${index} last`];
      const numbers = Array.from({ length: lines }, (_, line) => `${index} ${line + 1}`);
      return [`${index} first`, ...numbers, `${index} last`];
    });
    expect(seen.toSorted()).toEqual(expected.toSorted());
  }, 150_000);
});

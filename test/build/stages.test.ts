import { expect, it } from "vitest";
import { onBase } from "./support/build_context.ts";
import { eachWay, sameAsRunc } from "./support/builds.ts";
import { stepOutput, succeeded } from "./support/way.ts";

eachWay((way) => {
  it("several stages, each from another, and only what the target needs", async () => {
    const dockerfile = onBase(
      "FROM base AS first",
      "RUN echo 1 >/count",
      "FROM first AS second",
      "RUN echo 2 >>/count",
      "FROM base AS never",
      "RUN exit 1",
      "FROM second AS third",
      "RUN rm /etc/group && echo 3 >>/count",
      "FROM base",
      "COPY --from=third /count /count",
    );
    const image = await sameAsRunc(way, { dockerfile }, ["--target", "third"]);
    const paths = image.list().map((layer) => layer.map((line) => line.split(" ")[2]));
    expect(paths).toEqual([["count"], ["count"], ["etc/.wh.group", "count", "etc"]]);
    expect(image.text("count")).toBe("1\n2\n3\n");
    const last = await sameAsRunc(way, { dockerfile });
    expect(last.text("count")).toBe("1\n2\n3\n");
  });

  it("a second build takes all steps from the cache, and with --no-cache none", async () => {
    const dockerfile = onBase(
      "RUN head -c 8 /dev/urandom | md5sum | tee /random",
      "COPY file /file",
      "RUN cat /file",
    );
    const context = { dockerfile, files: { file: `of ${way.name}\n` } };
    const first = await way.build(context);
    expect(stepOutput(first)).toHaveLength(2);
    const second = succeeded(await way.build(context));
    expect(stepOutput(second)).toEqual([]);
    expect(second.stderr.match(/^#\d+ CACHED$/gm)).toHaveLength(4);
    const changed = succeeded(await way.build({ ...context, files: { file: `changed for ${way.name}\n` } }));
    expect(stepOutput(changed)).toEqual([`changed for ${way.name}`]);
    const again = stepOutput(succeeded(await way.build(context, ["--no-cache"])));
    expect(again).toEqual([expect.not.stringMatching(stepOutput(first)[0] ?? ""), `of ${way.name}`]);
  });

  it("stages without need of each other run at the same time", async () => {
    // Each waits for the other's file: one after the other, neither would end.
    const meet = (own: string, other: string) =>
      `RUN --mount=type=cache,id=meet-${way.name},target=/meet ` +
      `touch /meet/${own}; for i in $(seq 200); do [ -e /meet/${other} ] && exit 0; sleep 0.1; done; exit 1`;
    const dockerfile = onBase(
      "FROM base AS left",
      meet("left", "right"),
      "FROM base AS right",
      meet("right", "left"),
      "FROM base",
      "COPY --from=left /etc/passwd /left",
      "COPY --from=right /etc/passwd /right",
    );
    succeeded(await way.build({ dockerfile }));
  });
});

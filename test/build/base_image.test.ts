import { expect, it } from "vitest";
import { onBase } from "./support/build_context.ts";
import { eachWay, sameAsRunc } from "./support/builds.ts";

eachWay((way) => {
  it("FROM scratch with ADD of a tree, and a RUN in it", async () => {
    const image = await sameAsRunc(way, { dockerfile: onBase("RUN echo made >/made") });
    expect(image.list()).toEqual([["-0644 0:0 made 9ccbd3f1b19a"]]);
    expect(image.text("made")).toBe("made\n");
  });
});

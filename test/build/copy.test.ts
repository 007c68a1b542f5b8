import { expect, it } from "vitest";
import { onBase } from "./support/build_context.ts";
import { eachWay, sameAsRunc } from "./support/builds.ts";

const files = {
  "one.txt": "one\n",
  "tree/a/b.txt": "b\n",
  "tree/c.sh": "#!/bin/sh\necho c\n",
  "tree/d/.keep": "",
};
const prepare = "chmod 755 tree/c.sh; ln -s a/b.txt tree/link; mkdir tree/empty; chmod 700 tree/empty";

eachWay((way) => {
  it("COPY of files and trees, with --chown, --chmod and --link", async () => {
    const dockerfile = onBase(
      "COPY one.txt /one.txt",
      "COPY tree /tree/",
      "COPY --chown=alice:shared --chmod=640 one.txt /home/alice/",
      "COPY --chown=12:34 tree/a /numbers/",
      "COPY --link --chown=1000 tree /linked/",
      "COPY --link --chmod=u=rwx,go=rx one.txt /new/place/",
      // The step sees all of it, and its user what it may.
      "RUN cat /one.txt /home/alice/one.txt /linked/a/b.txt /new/place/one.txt >/seen && /tree/c.sh",
      "USER alice",
      "RUN cat /home/alice/one.txt && ! echo x >/one.txt",
    );
    const image = await sameAsRunc(way, { dockerfile, files, prepare });
    expect(image.text("seen")).toBe("one\none\nb\none\n");
    expect(image.find("home/alice/one.txt")).toMatchObject({ uid: 1000, gid: 2000, mode: 0o640 });
    expect(image.find("linked/link")).toMatchObject({ type: "l", link: "a/b.txt", uid: 1000 });
    expect(image.find("new/place/one.txt")).toMatchObject({ mode: 0o755 });
  });

  it("COPY --from of a stage in which steps ran", async () => {
    const dockerfile = onBase(
      "FROM base AS maker",
      // One step: what changes a file of an earlier layer may break its hard links, as overlay file systems do.
      "RUN <<END",
      "set -e; mkdir -p /out/deep; echo made >/out/deep/file; ln /out/deep/file /out/same; ln -s deep/file /out/link",
      "chown -R bob:users /out; chmod 4755 /out/deep/file",
      "END",
      "FROM base",
      "COPY --from=maker /out /taken",
      "COPY --from=maker --chown=7:8 /out/deep/file /one",
      "COPY --link --from=maker /out/ /linked/",
      "RUN cat /taken/deep/file /taken/link /linked/same /one >/all",
    );
    const image = await sameAsRunc(way, { dockerfile });
    expect(image.text("all")).toBe("made\n".repeat(4));
    expect(image.find("taken/deep/file")).toMatchObject({ uid: 1001, gid: 100, mode: 0o4755 });
  });
});

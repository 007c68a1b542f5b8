import { expect, it } from "vitest";
import { type BuildContext, onBase } from "./support/build_context.ts";
import { CrossDeviceBuilders, type CrossDeviceSetup } from "./support/cross_device_builders.ts";
import type { Way } from "./support/way.ts";

const context: BuildContext = {
  dockerfile: onBase(
    "FROM base AS maker",
    "RUN mkdir -p /out/deep && echo made >/out/deep/file && ln /out/deep/file /out/hard && ln -s deep /out/link",
    "FROM base",
    "COPY tree /tree",
    "COPY --link --chown=1000 tree /linked",
    "COPY --from=maker /out /out",
    "RUN <<END",
    "set -e; cd /tree",
    "mv a/file c; mv c /moved; echo over >new; mv new /moved; mv b a/",
    "mkdir -p /x/y/z; echo z >/x/y/z/f; mv /x/y /x/w; mv /x/w/z/f /x/g; mv /x /tree/x",
    "ln /moved hard; ln hard x/harder; echo more >>hard; cmp /moved x/harder",
    "[ $(stat -c %h hard) = 3 ]; rm x/harder; [ $(stat -c %h hard) = 2 ]",
    // An open file outlives its name; a rename takes the place of a file, and of an empty folder.
    "exec 3>gone; rm gone; echo x >&3; exec 3>&-; mkdir e f; mv -T e f; touch g h; mv g h",
    "END",
    "RUN --mount=type=cache,target=/cache <<END",
    "set -e; echo kept >/tree/kept; mv /tree/kept /cache/kept; mv /cache/kept /tree/back",
    "cp -a /out /cache/; mv /cache/out /took",
    "! ln /tree/back /cache/link 2>/tmp/said; grep -io 'cross-device link' /tmp/said >/tree/said; rm /tmp/said",
    "END",
    "RUN --mount=type=bind,source=tree,target=/src,rw <<END",
    "set -e; cp -a /src /copied; mv /src/a/file /taken; mv /src/a /taken.d; ls -A /src >/tree/src",
    "END",
    "RUN --mount=type=bind,from=maker,source=/out,target=/src cp -a /src /from && ! mv /src/hard /never && rm /never",
    "RUN --mount=type=tmpfs,target=/t cp -a /tree /t/ && mv /t/tree /tree2",
  ),
  files: { "tree/a/file": "file\n", "tree/b": "b\n", "tree/a/script": "#!/bin/sh\n" },
  prepare: "chmod 755 tree/a/script; ln -s file tree/a/link; ln tree/b tree/a/hard",
};

const layers = { snapshotter: "overlayfs", root: "direct" } as const;
const copies = { snapshotter: "native", root: "bindfs" } as const;
const setups: readonly CrossDeviceSetup[] = [
  { snapshots: "ext4", buildkit: "btrfs", context: "xfs", driver: "kernel", ...layers },
  { snapshots: "btrfs", buildkit: "xfs", context: "tmpfs", driver: "bindfs", ...copies },
  { snapshots: "xfs", buildkit: "tmpfs", context: "ext4", driver: "bindfs", ...layers },
  { snapshots: "tmpfs", buildkit: "ext4", context: "btrfs", driver: "bindfs", ...copies },
];

it.each(setups)(
  "copies, links and renames across file systems are as with runc: snapshots ($snapshotter) on $snapshots, BuildKit on " +
    "$buildkit, context on $context; driver $driver, root $root",
  async (setup) => {
    await using builders = await CrossDeviceBuilders.start(setup);
    const [rund, runc] = [await builders.rund(), await builders.runc()];
    const before = rund.census.take();
    const list = async (way: Way) => (await way.image(context)).list();
    const [ours, theirs] = await Promise.all([list(rund), list(runc)]);
    expect(ours).toEqual(theirs);
    await rund.census.expectNoMoreThan(before);
  },
);

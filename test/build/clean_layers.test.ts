import { expect, it } from "vitest";
import { busyboxProgram } from "../harness/tools.ts";
import { onBase } from "./support/build_context.ts";
import { eachWay, sameAsRunc } from "./support/builds.ts";

eachWay((way) => {
  it("a step that makes nothing has an empty layer, in an image that has no mount point at all", async () => {
    const dockerfile = [
      "FROM scratch",
      "COPY --chmod=755 busybox /busybox",
      'RUN ["/busybox", "true"]',
      'RUN --mount=type=cache,target=/c/d --mount=type=tmpfs,target=/e --mount=type=secret,id=s,target=/f/g/h ["/busybox", "true"]',
      'RUN --mount=type=bind,source=busybox,target=/i/j/k --mount=type=bind,target=/l/m ["/busybox", "ls", "-d", "/l/m/busybox", "/proc/self", "/dev/null"]',
      'RUN ["/busybox", "sh", "-c", "/busybox mkdir /etc/own; echo x >/etc/own/x"]',
      'RUN ["/busybox", "sh", "-c", "echo x >/file; /busybox mkdir -p /l/m"]',
      "",
    ].join("\n");
    const prepare = `cp ${await busyboxProgram()} busybox`;
    const image = await way.image({ dockerfile, prepare }, ["--secret", "id=s,env=PATH"]);
    // runc's own mount points stay: BuildKit takes back only those that it asks for itself.
    const stubs = ["d0755 0:0 dev", "d0755 0:0 proc", "d0755 0:0 sys"];
    const own = ["d0755 0:0 etc", "d0755 0:0 etc/own", "-0644 0:0 etc/own/x 73cb3858a687"].toSorted();
    const last = ["-0644 0:0 file 73cb3858a687", "d0755 0:0 l", "d0755 0:0 l/m"];
    expect(image.list()).toEqual([way.isRunc ? stubs : [], [], [], own, last]);
  });

  it("the image's own files at mount points stay as they are", async () => {
    const dockerfile = onBase(
      "RUN mkdir -p /mnt/c && echo own >/mnt/c/own && echo word >/secret-file && chmod 751 /mnt/c",
      "COPY one /etc/resolv.conf",
      "COPY one /etc/hosts",
      "RUN --mount=type=cache,target=/mnt/c,id=clean touch /mnt/c/cached; ! grep own /etc/hosts",
      "RUN --mount=type=secret,id=s,target=/secret-file ! grep word /secret-file",
      "RUN --mount=type=bind,source=one,target=/etc/passwd cat /etc/passwd",
      "RUN --mount=type=tmpfs,target=/etc/inner touch /etc/inner/x /etc/beside",
      "RUN ls -A /mnt/c >/list; cat /secret-file >>/list",
    );
    const context = { dockerfile, files: { one: "own\n" } };
    const image = await sameAsRunc(way, context, ["--secret", "id=s,env=PATH"]);
    expect(image.text("list")).toBe("own\nword\n");
    expect(image.layers.flat().filter(({ path }) => /^etc\/(resolv.conf|hosts)$/.test(path))).toHaveLength(2);
  });

  it.each([
    ["dangling, to a folder that is missing", "../run/resolve/stub-resolv.conf"],
    ["dangling, and absolute", "/var/resolv.conf"],
    ["to a file", "other.conf"],
  ])("where /etc/resolv.conf is a link (%s)", async (_, target) => {
    const dockerfile = onBase("RUN echo other >/etc/other.conf", "COPY links /etc/", "RUN touch /made");
    const image = await sameAsRunc(way, {
      dockerfile,
      prepare: `mkdir links; ln -s ${target} links/resolv.conf`,
    });
    expect(image.list().at(-1)).toEqual(["-0644 0:0 made"]);
  });

  // As on a Mac: those ways have a relay.
  if (way.name.endsWith("bindfs")) {
    it("lookups are relayed in a step, and their socket is in no layer", async () => {
      const seen = "test -S /var/run/mDNSResponder && echo there";
      const image = await way.image({ dockerfile: onBase(`RUN ${seen} >/one`, `RUN ${seen} >/two`) });
      expect([image.text("one"), image.text("two")]).toEqual(["there\n", "there\n"]);
      const paths = image.layers.slice(-2).map((layer) => layer.map(({ path }) => path));
      expect(paths).toEqual([["one"], ["two"]]);
    });
  }

  it("folders keep their times where a step has changed nothing in them", async () => {
    const mounts = [
      "--mount=type=cache,target=/var/cache/x",
      "--mount=type=secret,id=s,target=/root/.s",
      "--mount=type=tmpfs,target=/run/x",
    ];
    const dockerfile = onBase(
      `RUN ${mounts.join(" ")} touch /made`,
      // The next step sees the times that the last one has left; its own mounts have others.
      "RUN stat -c '%n %Y' /root /run /home >/tmp/times",
    );
    const image = await way.image({ dockerfile }, ["--secret", "id=s,env=PATH"]);
    // BuildKit takes runc's mount points back, and thereby sets the times of their folders.
    // A native snapshot gives folders with something in them a time of its own, so these are empty ones.
    const kept = way.isRunc ? ["/home"] : ["/root", "/run"];
    const lines = image.text("tmp/times").split("\n");
    expect(lines).toEqual(expect.arrayContaining(kept.map((folder) => `${folder} 1767225600`)));
  });
});

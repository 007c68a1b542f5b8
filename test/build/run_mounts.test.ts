import { expect, it } from "vitest";
import { onBase } from "./support/build_context.ts";
import { eachWay, sameAsRunc } from "./support/builds.ts";
import { sshAgent } from "./support/ssh_agent.ts";
import { staticProgram } from "./support/static_program.ts";
import { stepOutput, succeeded } from "./support/way.ts";

eachWay((way) => {
  it("type=cache keeps its files for the next build, and the image gets none of them", async () => {
    // With the usual sharing, BuildKit gives a build that comes before it has let go of the last one's cache an empty one.
    const cache = `type=cache,id=kept-${way.name},sharing=locked,target=/var/cache/kept`;
    const count = (argument: string) => ({
      dockerfile: onBase(
        `RUN --mount=${cache} echo ${argument} >>/var/cache/kept/list; wc -l </var/cache/kept/list`,
        `RUN --mount=${cache},readonly cat /var/cache/kept/list; ! touch /var/cache/kept/x 2>&1`,
        "RUN --mount=type=cache,target=/new/cache,uid=1000,gid=1000,mode=0700 stat -c '%u %g %a' /new/cache >/owner",
        "RUN ls /var/cache /new 2>/dev/null >/left; true",
      ),
    });
    expect(stepOutput(succeeded(await way.build(count("one"))))[0]).toBe("1");
    expect(stepOutput(succeeded(await way.build(count("two"))))).toEqual([
      "2",
      "one",
      "two",
      expect.stringContaining("Read-only file system"),
    ]);
    const image = await sameAsRunc(way, count("three"));
    expect(image.text("owner")).toBe("1000 1000 700\n");
  });

  it("type=bind shows folders and files of the context and of other stages", async () => {
    const dockerfile = onBase(
      "FROM base AS other",
      "RUN mkdir /made && echo stage >/made/file && chmod 600 /made/file",
      "FROM base",
      "WORKDIR /src",
      "RUN --mount=type=bind,target=. ls >/tmp/all; cat tree/deep.txt >/tmp/deep",
      "RUN --mount=type=bind,source=tree,target=/mnt/tree cat /mnt/tree/deep.txt >/tmp/folder; ! touch /mnt/tree/x",
      "RUN --mount=type=bind,source=one.txt,target=/mnt/one.txt cat /mnt/one.txt >/tmp/file",
      "RUN --mount=type=bind,source=one.txt,target=/etc/motd,rw echo changed >>/etc/motd && cat /etc/motd >/tmp/rw",
      "RUN --mount=type=bind,from=other,source=/made,target=/made cat /made/file >/tmp/stage",
      "RUN --mount=type=bind,from=other,source=/made/file,target=/one/file cat /one/file >/tmp/stage-file",
      "RUN --mount=type=bind,source=tree,target=/rw,rw echo new >/rw/new && ls /rw >/tmp/rw-folder",
      "RUN --mount=type=bind,source=tree,target=/rw ls /rw >/tmp/after; ls -d /mnt /made /one /rw >/tmp/left 2>&1; true",
    );
    const files = { "one.txt": "one\n", "tree/deep.txt": "deep\n" };
    const image = await sameAsRunc(way, { dockerfile, files });
    const text = (path: string) => image.text(`tmp/${path}`);
    expect(text("all").split("\n")).toEqual(expect.arrayContaining(["one.txt", "tree"]));
    expect(["deep", "folder", "file", "stage", "stage-file"].map(text).join("")).toBe(
      "deep\ndeep\none\nstage\nstage\n",
    );
    expect([text("rw"), text("rw-folder"), text("after")]).toEqual([
      "one\nchanged\n",
      "deep.txt\nnew\n",
      "deep.txt\n",
    ]);
  });

  it("type=secret is there for its step only, as a file with its mode or as a variable", async () => {
    const dockerfile = onBase(
      "RUN --mount=type=secret,id=word cat /run/secrets/word | md5sum >/sum; stat -c '%u %a' /run/secrets/word >/mode",
      "RUN --mount=type=secret,id=word,target=/root/.word,uid=1000,mode=0440 stat -c '%u %a' /root/.word >>/mode",
      "RUN --mount=type=secret,id=word,env=WORD echo $WORD | md5sum >>/sum",
      "RUN --mount=type=secret,id=none true",
      "RUN ls -A /run /root >/left",
    );
    const context = { dockerfile };
    const args = ["--secret", "id=word,env=RUND_TEST_WORD"];
    const image = await sameAsRunc(way, context, args, { env: { RUND_TEST_WORD: "open sesame" } });
    expect(image.text("mode")).toBe("0 400\n1000 440\n");
    expect(image.text("left")).toBe("/root:\n\n/run:\n");
    expect(image.text("sum")).toBe(
      "54ef36ec71201fdf9d1423fd26f97f6b  -\n7a85f5b43963d26f73ded1b7ff00c28d  -\n",
    );
    const required = { dockerfile: onBase("RUN --mount=type=secret,id=none,required true") };
    expect((await way.build(required)).stderr).toContain("secret none: not found");
  });

  it("type=tmpfs is empty, can be limited, and is gone after its step", async () => {
    const dockerfile = onBase(
      "RUN --mount=type=tmpfs,target=/scratch/pad ls -A /scratch/pad >/before; echo x >/scratch/pad/x",
      "RUN --mount=type=tmpfs,target=/tmp ls -A /tmp >>/before; echo x >/tmp/x",
      "RUN --mount=type=tmpfs,target=/small,size=65536 ! dd if=/dev/zero of=/small/x bs=1024 count=100",
      "RUN ls -A / /tmp >/left",
    );
    const image = await sameAsRunc(way, { dockerfile });
    expect(image.text("before")).toBe("");
    expect(image.text("left")).not.toMatch(/^(scratch|small|x)$/m);
  });

  it("type=ssh forwards to the client's agent", async () => {
    const client = await staticProgram("ask_agent");
    const agent = await sshAgent("a key of the test");
    const dockerfile = onBase(
      "COPY client /bin/",
      "RUN --mount=type=ssh client >/key",
      "RUN --mount=type=ssh,target=/home/alice/agent,uid=1000 su alice -s /bin/sh -c client >>/key",
      "RUN ls -AR /run /home/alice >/left; ! client",
    );
    const context = { dockerfile, prepare: `cp ${client} client` };
    const image = await sameAsRunc(way, context, ["--ssh", `default=${agent}`]);
    expect(image.text("key")).toBe("1 key: a key of the test\n".repeat(2));
    expect(image.text("left")).toBe("/home/alice:\n\n/run:\n");
  });
});

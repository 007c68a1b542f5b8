import { expect, it } from "vitest";
import { onBase } from "./support/build_context.ts";
import { eachWay, sameAsRunc } from "./support/builds.ts";

eachWay((way) => {
  it("RUN as shell, as exec form, as heredoc, and with another SHELL", async () => {
    const dockerfile = onBase(
      'RUN echo "$0" $((1 + 2)) | tee /shell',
      'RUN ["/bin/sh", "-c", "echo \\"$1\\" >/exec", "sh", "two  words"]',
      'RUN ["touch", "/looked-up"]',
      "RUN <<END",
      "set -e",
      "echo first >/heredoc",
      "echo second >>/heredoc",
      "END",
      "RUN <<END cat >/piped",
      "on its input",
      "END",
      "RUN <<'END'",
      "#!/bin/awk -f",
      'BEGIN { print "by awk" >"/awk" }',
      "END",
      'SHELL ["/bin/busybox", "ash", "-eu", "-c"]',
      "RUN false | true; echo $- >/options",
    );
    const image = await sameAsRunc(way, { dockerfile });
    const texts = ["shell", "exec", "heredoc", "piped", "awk"].map((path) => image.text(path));
    expect(texts).toEqual(["/bin/sh 3\n", "two  words\n", "first\nsecond\n", "on its input\n", "by awk\n"]);
    expect([...image.text("options").trim()].toSorted().join("")).toBe("ceu");
  });

  it("WORKDIR, ENV and ARG, where a step has its own", async () => {
    const dockerfile = onBase(
      'ARG GREETING="hello you" UNUSED',
      "ENV SPOKEN=$GREETING PATH=/opt/bin:$PATH",
      "WORKDIR /work/deep",
      "WORKDIR here",
      "RUN pwd >where; env | grep -E '^(GREETING|SPOKEN|UNUSED|PATH|HOME|PWD)=' | sort >/env",
      "USER alice",
      "WORKDIR /work/hers",
      "RUN echo $HOME >/tmp/home",
    );
    const image = await sameAsRunc(way, { dockerfile }, ["--build-arg", "GREETING=good day"]);
    expect(image.text("work/deep/here/where")).toBe("/work/deep/here\n");
    const path = "/opt/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    const variables = ["GREETING=good day", "HOME=/root", `PATH=${path}`, "PWD=/work/deep/here"];
    expect(image.text("env")).toBe(`${[...variables, "SPOKEN=good day"].join("\n")}\n`);
    expect(image.text("tmp/home")).toBe("/home/alice\n");
    expect(image.document.config).toMatchObject({ User: "alice", WorkingDir: "/work/hers" });
  });

  it("USER by name and number, with a group and without", async () => {
    const users = ["alice", "1001", "alice:users", "4711:4712", "bob:2000", "0"];
    const steps = users.flatMap((user, index) => [
      `USER ${user}`,
      `RUN echo $(id -u):$(id -g) $(id -G | tr ' ' '\\n' | sort -nu) >/tmp/${index}`,
    ]);
    const image = await sameAsRunc(way, { dockerfile: onBase(...steps) });
    const seen = users.map((_, index) => image.text(`tmp/${index}`).trim());
    expect(seen).toEqual([
      "1000:1000 4 29 1000 2000",
      "1001:100 29 100",
      "1000:100 100",
      "4711:4712 4712",
      "1001:2000 2000",
      "0:0 0",
    ]);
    expect(image.find("tmp/3")).toMatchObject({ uid: 4711, gid: 4712 });
  });
});

import { expect, it } from "vitest";
import { onBase } from "./support/build_context.ts";
import { eachWay, sameAsRunc } from "./support/builds.ts";
import { staticProgram } from "./support/static_program.ts";

const longName = "n".repeat(255);

eachWay((way) => {
  it("links of all kinds, in the step's own layer and through COPY --from", async () => {
    const dockerfile = onBase(
      "FROM base AS maker",
      "RUN <<END",
      "set -e; mkdir -p /t/a/b; cd /t; echo x >a/file",
      "ln -s a/file relative; ln -s /t/a/b absolute; ln -s nowhere dangling; ln -s loop loop",
      "ln a/file a/b/hard; ln a/file hard; ln -s ../../../../../etc out",
      // In this step: what changes a file of an earlier layer may break its links, as overlay file systems do.
      "[ $(stat -c %h hard) = 3 ]; echo more >>a/file; cmp hard a/b/hard",
      "END",
      "FROM base",
      "COPY --from=maker /t /t",
      "RUN stat -c %h /t/hard >/count; readlink /t/loop >>/count; readlink /t/out >>/count",
    );
    const image = await sameAsRunc(way, { dockerfile });
    expect(image.text("count")).toBe("3\nloop\n../../../../../etc\n");
  });

  it("what a step removes is removed in its layer, and what it makes anew is new", async () => {
    const dockerfile = onBase(
      "RUN mkdir -p /d/e /kept && echo 1 >/d/e/f && echo 2 >/d/g && echo 3 >/kept/h",
      "RUN rm -rf /d/e /kept/h",
      "RUN rm -rf /d && mkdir /d && echo new >/d/new",
      "RUN rm -rf /kept && echo file >/kept",
      "RUN mv /d /moved && ls -A /moved / >/list",
    );
    const image = await sameAsRunc(way, { dockerfile });
    expect(image.list()[1]).toEqual(expect.arrayContaining([expect.stringMatching(/ d\/\.wh\.e$/)]));
    expect(image.text("list")).toMatch(/^\/moved:\nnew\n/m);
  });

  it("modes, owners, special files, attributes, holes, and names of every kind", async () => {
    const tool = await staticProgram("set_attribute");
    const dockerfile = onBase(
      "COPY attr /bin/attr",
      "COPY --chmod=4755 attr /bin/setuid",
      "RUN <<END",
      "set -e; mkdir /t; cd /t; touch u g s none; chmod 4755 u; chmod 2755 g; chmod 1777 s; chmod 0 none",
      "chown 4711:4712 g; chmod 2710 g; chown -h 5:6 none; mkfifo -m 640 fifo; mknod null c 1 3; mkdir -m 1770 sticky",
      "echo content >attributes; attr attributes user.note 'as it is'; mkdir folder; attr folder user.note of-folder",
      "truncate -s 1M sparse; echo end >>sparse; [ $(stat -c %b sparse) -lt 100 ]",
      `touch '${longName}' 'two words' ./-rf 'ümläut ☃' .hidden 'back\\\\slash' '*' "$(printf 'line\\nbreak')"`,
      "for i in $(seq 18); do mkdir $(printf %0200d $i) && cd $(printf %0200d $i); done; echo deep >file",
      "END",
      "RUN ! attr /t/none user.note && attr /t/attributes user.note >/seen",
      "RUN mv /t/attributes /t/renamed && cp -a /t/u /t/copied && attr /t/renamed user.note >>/seen",
      "USER alice",
      "RUN /bin/setuid /tmp/x user.x 2>/tmp/said; stat -c %a /bin/setuid >/tmp/mode",
    );
    const image = await sameAsRunc(way, { dockerfile, prepare: `cp ${tool} attr` });
    expect(image.text("seen")).toBe("as it is\n".repeat(2));
    expect(image.find("t/sparse")?.size).toBe((1 << 20) + 4);
    expect(image.find("t/null")).toMatchObject({ type: "c", device: "1:3" });
    expect(image.text("tmp/mode")).toBe("4755\n");
  });

  it("a context's files: links, modes, times, attributes and names", async () => {
    const prepare = [
      "mkdir -p t/sub; echo a >t/a; ln t/a t/hard; ln -s a t/link; chmod 640 t/a; touch -d @1000000000 t/a",
      `echo b >'t/${longName}'; echo c >'t/ümläut ☃'`,
      'python3 -c \'import os; os.setxattr("t/a", "user.note", b"from outside")\'',
    ].join("\n");
    const dockerfile = onBase("COPY t /t", "RUN stat -c '%a %Y %h' /t/a >/seen; ls /t | wc -l >>/seen");
    const image = await sameAsRunc(way, { dockerfile, prepare });
    expect(image.text("seen")).toBe("640 1000000000 2\n6\n");
  });
});

import { describe, expect, it } from "vitest";
import type { ConfigPath, ConfigValue } from "../../../../src/cli/setup/config_value.ts";
import { tomlFormat } from "../../../../src/cli/setup/toml_format.ts";

const containerd = `# of the distribution
version = 2

[plugins] # all of them
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs" # the usual
    list = [
      "a", # ]
      "b",
    ]

[proxy_plugins.other]
  type = "snapshot"
`;

/** Changes a text, and checks that taking it back gives the same text again. */
function roundTrip(text: string, path: ConfigPath, value: ConfigValue): string {
  const changed = tomlFormat.change(text, path, value);
  expect(tomlFormat.change(changed, path, value)).toBe(changed);
  return changed;
}

describe("tomlFormat", () => {
  it("adds to a table that is there, in its indentation, and leaves the rest alone", () => {
    const changed = roundTrip(containerd, ["proxy_plugins", "other", "address"], "/s.sock");
    expect(changed).toBe(`${containerd}  address = "/s.sock"\n`);
    expect(tomlFormat.change(changed, ["proxy_plugins", "other", "address"], undefined)).toBe(containerd);
  });

  it("adds a table that is missing, quoted where it must be, and takes it away again", () => {
    const path = ["plugins", "io.containerd.x.v1", "name"];
    const changed = roundTrip(containerd, path, [{ platform: "darwin/arm64" }]);
    expect(changed).toBe(`${containerd}
[plugins."io.containerd.x.v1"]
  name = [{ platform = "darwin/arm64" }]
`);
    expect(tomlFormat.change(changed, path, undefined)).toBe(containerd);
  });

  it("replaces a value in its line, also one of several lines", () => {
    const cri = ["plugins", "io.containerd.grpc.v1.cri", "containerd"];
    expect(roundTrip(containerd, [...cri, "snapshotter"], "native")).toBe(
      containerd.replace('"overlayfs" # the usual', '"native"'),
    );
    expect(roundTrip(containerd, [...cri, "list"], ["c"])).toBe(
      containerd.replace(/list = \[[\s\S]*?\n {4}\]/, 'list = ["c"]'),
    );
  });

  it("writes a key without a table in front of all tables", () => {
    expect(roundTrip(containerd, ["oom_score"], 1)).toContain("version = 2\noom_score = 1\n\n[plugins]");
    expect(roundTrip("", ["version"], 2)).toBe("version = 2\n");
  });

  it("finds dotted keys and quoted names", () => {
    const text = `[worker.containerd]\nruntime.name = "runc"\n"enabled" = false\n`;
    expect(roundTrip(text, ["worker", "containerd", "runtime", "name"], "rund")).toContain(
      'runtime.name = "rund"\n',
    );
    expect(roundTrip(text, ["worker", "containerd", "enabled"], true)).toContain("enabled = true\n");
  });

  it("adds an element to a list of tables", () => {
    const text = `[[t."a.b".list]]\n  platform = "linux/arm64"\n`;
    const changed = roundTrip(
      text,
      ["t", "a.b", "list"],
      [{ platform: "linux/arm64" }, { platform: "darwin/arm64" }],
    );
    expect(changed).toBe(`${text}\n[[t."a.b".list]]\n  platform = "darwin/arm64"\n`);
  });

  it.each<[string, ConfigPath, ConfigValue]>([
    ['a = { b = "x" }\n', ["a", "c"], 1],
    ['s = """\n[t]\nk = 1\n"""\n', ["t", "k"], 2],
    ['[[list]]\nname = "a"\n', ["list"], [{ name: "b" }]],
  ])("does not guess where a line cannot be changed safely: %j", (text, path, value) => {
    try {
      expect(tomlFormat.parse(tomlFormat.change(text, path, value))).not.toBeUndefined();
    } catch (error) {
      expect(String(error)).toContain("change it by hand");
    }
  });

  it("refuses what is not TOML, in one line", () => {
    expect(() => tomlFormat.parse("a = \n")).toThrow(/^not TOML: [^\n]+$/);
  });
});

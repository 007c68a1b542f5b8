import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CommandResult } from "../../../../src/cli/doctor/finding.ts";
import { darwinSteps } from "../../../../src/cli/doctor/selftest/darwin_steps.ts";
import { TrialBundles } from "../../../../src/cli/doctor/selftest/trial_bundle.ts";
import type { Spec } from "../../../../src/oci/spec.ts";
import { HostDouble } from "./host_double.ts";

let folder: string;
let root: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rund-steps-"));
  root = join(folder, "root");
  for (const name of ["usr/bin", "sbin"]) mkdirSync(join(root, name), { recursive: true });
  for (const name of ["usr/bin/dns-sd", "sbin/ping"]) writeFileSync(join(root, name), "");
});

afterEach(() => rmSync(folder, { recursive: true }));

/** A Mac whose jails do what `jail` says; undefined for a program that fails. */
class MacWithJails extends HostDouble {
  readonly #jail: (script: string, spec: Spec) => string | undefined;

  constructor(jail: (script: string, spec: Spec) => string | undefined) {
    super();
    this.#jail = jail;
    this.environment = { PATH: "/opt/homebrew/bin" };
    this.files.set("/opt/homebrew/bin/bindfs", "");
  }

  override readonly run = async (_: string, args: readonly string[]): Promise<CommandResult> => {
    const bundle = args[args.indexOf("--bundle") + 1] ?? "";
    const spec = JSON.parse(readFileSync(join(bundle, "config.json"), "utf8")) as Spec;
    const stdout = this.#jail(spec.process?.args?.at(-1) ?? "", spec);
    return { kind: "ended", status: stdout === undefined ? 1 : 0, stdout: stdout ?? "", stderr: "" };
  };
}

/** What is expected of a Mac. */
function asItShouldBe(script: string, { annotations = {} }: Spec): string | undefined {
  if (script.startsWith("dns-sd")) return "Currently running daemon (system service) is version 2600.1\n";
  if (script.includes("ping")) return "PING localhost (127.0.0.1): 56 data bytes\n";
  if (script.includes("TMPDIR")) return "/private/tmp\nx\n";
  if (script.includes("id -u")) return annotations["dev.rund.users"] === "jail" ? "unknown\n" : "known\n";
  return annotations["dev.rund.seatbelt"]?.includes("deny") ? "refused\n" : "written\n";
}

async function outcomes(jail: typeof asItShouldBe) {
  const mac = new MacWithJails(jail);
  const steps = await darwinSteps(mac, new TrialBundles(mac, folder, root), root);
  return steps.map(({ outcome }) => outcome);
}

describe("the selftest's steps for a Mac", () => {
  it("pass when all is as it should be", async () => {
    expect(await outcomes(asItShouldBe)).toEqual(Array(9).fill("passed"));
  });

  it("fail, each of them, when nothing is", async () => {
    expect(await outcomes(() => "")).toEqual(Array(9).fill("failed"));
    expect(await outcomes(() => undefined)).toEqual(Array(9).fill("failed"));
  });

  it("are left out where a jail's files lack the program", async () => {
    rmSync(join(root, "usr"), { recursive: true });
    rmSync(join(root, "sbin"), { recursive: true });
    const found = await outcomes(asItShouldBe);
    expect(found.slice(0, 3)).toEqual(["left out", "left out", "left out"]);
  });
});

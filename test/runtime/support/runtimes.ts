import { mkdtempSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { afterAll, inject, onTestFinished } from "vitest";
import type { Spec } from "../../../src/oci/spec.ts";
import { type JailSpecOptions, jailSpec } from "../../e2e/support/jail_spec.ts";
import { HostCensus } from "../../harness/host_census.ts";
import { uniqueId } from "../../harness/unique_id.ts";
import { Bundle, OciRuntime } from "./oci_runtime.ts";

export interface Runtimes {
  readonly rund: OciRuntime;
  /** Debian's, which shows what clients are used to. */
  readonly runc: OciRuntime;
  readonly both: readonly OciRuntime[];
  /** A folder of this file's own, in which all its bundles are. */
  readonly folder: string;
  readonly rootfs: string;
  readonly census: HostCensus;
}

/** The runtimes for a test file, called once at its top. The file fails when containers have left something behind. */
export function runtimes(): Runtimes {
  const { folder: shared, rootfs, ...programs } = inject("runtime");
  const folder = mkdtempSync(`${shared}/f-`);
  const rund = new OciRuntime("rund", programs.rund, `${folder}/rund`);
  const runc = new OciRuntime("runc", programs.runc, `${folder}/runc`);
  const census = new HostCensus(folder);
  afterAll(() => census.expectNoMoreThan(new Set()));
  return { rund, runc, both: [rund, runc], folder, rootfs, census };
}

/** A folder for the running test, removed when it ends. */
export async function testFolder({ folder }: Pick<Runtimes, "folder">): Promise<string> {
  const path = await mkdtemp(`${folder}/b-`);
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

export type BundleOptions = Partial<JailSpecOptions> & {
  /** Changes whatever there are no options for. */
  readonly change?: (spec: Spec) => Spec;
};

/** A bundle for the running test, removed when it ends. A text is a script for `sh -c`. */
export async function makeBundle(
  own: Pick<Runtimes, "folder" | "rootfs">,
  program: string | readonly string[],
  { change = (spec) => spec, ...options }: BundleOptions = {},
): Promise<Bundle> {
  const args = typeof program === "string" ? ["sh", "-c", program] : program;
  const bundle = new Bundle(await testFolder(own));
  await bundle.writeSpec(change(jailSpec({ rootfs: own.rootfs, args, ...options })));
  return bundle;
}

/** An id for the running test, and the end of the container that has it, if there is one then. */
export function containerId(...owners: readonly OciRuntime[]): string {
  const id = uniqueId();
  onTestFinished(async () => {
    for (const owner of owners) await owner.remove(id);
  });
  return id;
}

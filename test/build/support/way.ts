import { rm } from "node:fs/promises";
import { expect } from "vitest";
import type { BackgroundCommand, CommandOptions } from "../../harness/background_command.ts";
import { Buildx } from "../../harness/buildx.ts";
import type { CommandResult } from "../../harness/command_result.ts";
import { Ctr } from "../../harness/ctr.ts";
import { HostCensus } from "../../harness/host_census.ts";
import { type BuildContext, writeContext } from "./build_context.ts";
import { BuiltImage } from "./built_image.ts";
import type { ProvidedWay } from "./provided_ways.ts";

/** A way from `docker buildx` to the program that runs the steps. */
export class Way {
  readonly name: string;
  readonly driver: ProvidedWay["driver"];
  readonly buildx: Buildx;
  readonly census: HostCensus;
  readonly ctr: Ctr;
  readonly flags: readonly string[];
  readonly logs: readonly string[];
  readonly #contexts: string | undefined;

  /** `contexts` is a folder for what is built, if not the usual one. */
  constructor(provided: ProvidedWay, contexts?: string) {
    this.#contexts = contexts;
    this.name = provided.name;
    this.driver = provided.driver;
    this.buildx = Buildx.from(provided);
    this.census = new HostCensus(provided.folder);
    this.ctr = new Ctr(provided.ctr, provided.address, "rund");
    this.flags = provided.flags;
    this.logs = provided.logs;
  }

  /** Whether it is runc that runs the steps. */
  get isRunc(): boolean {
    return this.name.endsWith("runc");
  }

  /** Builds and gives what the client said; any exit code is a result. */
  async build(context: BuildContext, args: readonly string[] = [], options: CommandOptions = {}) {
    const folder = await writeContext(context, this.#contexts);
    try {
      return await this.buildx.build(folder, [...this.flags, ...args], options);
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  /** Builds the image, which must succeed, and reads it. */
  async image(context: BuildContext, args: readonly string[] = [], options: CommandOptions = {}) {
    const folder = await this.layout(context, args, options);
    try {
      return BuiltImage.read(folder);
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  /** Builds into a new folder in OCI layout, which the caller removes. */
  async layout(context: BuildContext, args: readonly string[] = [], options: CommandOptions = {}) {
    const folder = await writeContext(context, this.#contexts);
    try {
      const output = ["--output", `type=oci,tar=false,dest=${folder}.oci`];
      succeeded(await this.buildx.build(folder, [...this.flags, ...output, ...args], options));
      return `${folder}.oci`;
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  /** Starts a build of a folder that the caller has written, and leaves it running. */
  spawn(folder: string, args: readonly string[] = []): BackgroundCommand {
    return this.buildx.spawn(this.buildx.buildArguments(folder, [...this.flags, ...args]));
  }
}

/** Fails the test, with all that the build said, when it has not succeeded. */
export function succeeded(result: CommandResult): CommandResult {
  expect(result.exitCode, result.stderr).toBe(0);
  return result;
}

/** The lines that a step has written, without the client's numbers and times. */
export function stepOutput(result: CommandResult): string[] {
  return [...result.stderr.matchAll(/^#\d+ \d+\.\d+ (.*)$/gm)].map(([, line]) => line ?? "");
}

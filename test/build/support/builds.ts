import { afterAll, beforeAll, describe, expect, inject } from "vitest";
import type { CommandOptions } from "../../harness/background_command.ts";
import type { Census } from "../../harness/host_census.ts";
import { showLogsOfFailures } from "../../harness/logs_of_failures.ts";
import type { BuildContext } from "./build_context.ts";
import type { BuiltImage } from "./built_image.ts";
import { Way } from "./way.ts";

/** Declares the tests once for each way of the run. Steps may leave nothing on the host. */
export function eachWay(declare: (way: Way) => void): void {
  describe.each(inject("builds").ways.map((provided) => new Way(provided)))("$name", (way) => {
    showLogsOfFailures(way.logs);
    let before: Census = new Set();
    beforeAll(() => {
      before = way.census.take();
    });
    declare(way);
    afterAll(() => way.census.expectNoMoreThan(before, 15_000));
  });
}

const lists = new Map<string, Promise<string[][]>>();

/** Builds on a way, and with runc: the layers must hold the same files, and no others. */
export async function sameAsRunc(
  way: Way,
  context: BuildContext,
  args: readonly string[] = [],
  options: CommandOptions = {},
): Promise<BuiltImage> {
  const key = JSON.stringify([context, args]);
  const expected = lists.get(key) ?? runcList(context, args, options);
  lists.set(key, expected);
  const [image, list] = await Promise.all([way.image(context, args, options), expected]);
  expect(image.list()).toEqual(list);
  return image;
}

async function runcList(context: BuildContext, args: readonly string[], options: CommandOptions) {
  const yardstick = new Way(inject("builds").yardstick);
  return (await yardstick.image(context, args, options)).list();
}

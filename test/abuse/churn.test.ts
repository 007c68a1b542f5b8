import { mkdir } from "node:fs/promises";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ContainerdHoldings, containerdHoldings } from "../harness/containerd_census.ts";
import { Daemons } from "../harness/daemons.ts";
import type { Census } from "../harness/host_census.ts";
import { ChurnedContainer } from "./support/churned_container.ts";
import { each } from "./support/each.ts";
import { type Fate, fates } from "./support/fate.ts";
import { amounts, seedOf } from "./support/settings.ts";

/** As many at once as keep two processors busy. */
const width = 8;

/** Half an hour for a run of ten thousand. */
const longest = 1_800_000;

/** A shim that nobody knows of ends by itself after ten seconds, in milliseconds. */
const patience = 20_000;

/** Bytes by which containerd's living objects may differ from one look to the other: what its requests left just then. */
const heapNoise = 1 << 20;

/** bindfs needs a process more for each mount: fewer containers of it show the same. */
const drivers = [
  { driver: "kernel", share: 0.9, roots: ["image", "folder"] },
  { driver: "bindfs", share: 0.1, roots: ["image"] },
] as const;

describe.each(drivers)("with the $driver driver", ({ driver, share, roots }) => {
  let world: Daemons;
  let empty: Census;
  let before: ContainerdHoldings;

  beforeAll(async () => {
    world = await Daemons.start({ docker: false, env: { RUND_MOUNT_DRIVER: driver } });
    await mkdir(`${world.folder}/fifos`);
    empty = world.census.take();
    // What containerd keeps for good it makes for the first ones.
    await live("first", 2 * width);
    before = await containerdHoldings(world.containerd);
  });

  afterAll(() => world.stop());

  /** Containers of drawn fates, one after the other, `width` at once. */
  async function live(name: string, count: number, atOnce = width): Promise<void> {
    const drawn = fc.sample(fates(roots), { seed: seedOf(`${name} ${driver}`), numRuns: count });
    await each<Fate>(drawn, atOnce, (fate) => new ChurnedContainer(world, fate).live());
  }

  /** On the host nothing at all; in containerd no more than before. */
  async function expectNoGrowth(): Promise<void> {
    await world.census.expectNoMoreThan(empty, patience);
    expect(await leftInContainerd()).toEqual([]);
    await expect
      .poll(async () => growth(await containerdHoldings(world.containerd)), { timeout: patience })
      .toEqual([]);
  }

  async function leftInContainerd(): Promise<string[]> {
    const { containers } = await world.api.containers.list({});
    const { tasks } = await world.api.tasks.list({});
    const snapshots = await world.ctr.ok(["snapshot", "ls"]);
    return [
      ...containers.map(({ id }) => `container ${id}`),
      ...tasks.map(({ id }) => `task ${id}`),
      ...(snapshots.stdout.match(/^churn\S*/gm) ?? []).map((id) => `snapshot ${id}`),
    ];
  }

  function growth(now: ContainerdHoldings): string[] {
    const grown = (name: keyof ContainerdHoldings, noise: number) =>
      now[name] > before[name] + noise ? [`containerd: ${name} ${before[name]}, now ${now[name]}`] : [];
    return [...grown("descriptors", 0), ...grown("goroutines", 0), ...grown("heap", heapNoise)];
  }

  const churned = Math.ceil(amounts.containers * share);

  it(`${churned} containers with random kills leave nothing`, { timeout: longest }, async () => {
    await live("churn", churned);
    await expectNoGrowth();
    const now = await containerdHoldings(world.containerd);
    console.log(`containerd's holdings: ${JSON.stringify(before)} before, then ${JSON.stringify(now)}`);
  });

  it(`${amounts.crowd} containers at once with random kills leave nothing`, {
    timeout: longest,
  }, async () => {
    await live("crowd", amounts.crowd, amounts.crowd);
    await expectNoGrowth();
  });
});

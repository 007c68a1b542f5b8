import { afterAll, beforeAll } from "vitest";
import type { Census, HostCensus } from "./host_census.ts";

/** Makes a test file fail when its containers have left anything on the host. To be called once, at its top. */
export function expectNothingLeft(census: HostCensus): void {
  let before: Census = new Set();
  beforeAll(() => {
    before = census.take();
  });
  afterAll(() => census.expectNoMoreThan(before, 15_000));
}

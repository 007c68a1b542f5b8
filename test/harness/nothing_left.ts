import { afterAll, beforeAll } from "vitest";
import type { Docker } from "./docker.ts";
import type { Census, HostCensus } from "./host_census.ts";

/** Makes a test file fail when its containers have left anything on the host. To be called once, at its top. */
export function expectNothingLeft(census: HostCensus, docker: Docker): void {
  let before: Census = new Set();
  beforeAll(async () => {
    // dockerd keeps what its first container makes it mount: the network namespace of the host.
    await docker.ok(docker.runArguments(["true"], {}, "--rm"));
    before = census.take();
  });
  afterAll(() => census.expectNoMoreThan(before, 15_000));
}

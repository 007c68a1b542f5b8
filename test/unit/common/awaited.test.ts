import { describe, expect, it } from "vitest";
import { Awaited } from "../../../src/common/awaited.ts";

describe("a value that is waited for", () => {
  it("reaches all who wait, and who come later, and is the first one", async () => {
    const awaited = new Awaited<number>();
    const early = [awaited.wait(), awaited.wait(new AbortController().signal)];
    awaited.resolve(1);
    awaited.resolve(2);
    expect(await Promise.all([...early, awaited.wait()])).toEqual([1, 1, 1]);
    expect(awaited.waiters).toBe(0);
  });

  it("is no longer kept for who gives up, whom the reason reaches", async () => {
    const awaited = new Awaited<number>();
    const controller = new AbortController();
    const [given, kept] = [awaited.wait(controller.signal), awaited.wait()];
    expect(awaited.waiters).toBe(2);
    controller.abort(new Error("gone"));
    await expect(given).rejects.toThrow("gone");
    expect(awaited.waiters).toBe(1);
    await expect(awaited.wait(controller.signal)).rejects.toThrow("gone");
    awaited.resolve(3);
    expect(await kept).toBe(3);
  });
});

import { setTimeout as sleep } from "node:timers/promises";

/** Waits for what the kernel gives no event for; fails with the condition's text after `timeoutMs`. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 5_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`never true: ${condition}`);
    await sleep(5);
  }
}

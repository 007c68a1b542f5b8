import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const fileName = "address";

/** Leaves the answer of `start` in the bundle: containerd up to 1.7 finds the shim again by it after a restart. */
export function writeAddressFile(bundle: string, answer: Uint8Array): void {
  writeFileSync(join(bundle, fileName), answer, { mode: 0o600 });
}

/** Path of the socket that `start` answered for this bundle, undefined when there is no such file. */
export function readAddressFile(bundle: string): string | undefined {
  try {
    return parseAddress(readFileSync(join(bundle, fileName), "utf8"));
  } catch {
    return undefined;
  }
}

/** The socket's path in a plain or JSON answer. */
export function parseAddress(answer: string): string | undefined {
  const address: unknown = answer.startsWith("{")
    ? (JSON.parse(answer) as { address?: unknown }).address
    : answer;
  if (typeof address !== "string") return undefined;
  const path = address.replace(/^unix:\/\//, "");
  return path.startsWith("/") ? path : undefined;
}

import type { KeyValue } from "../proto/generated/ttrpc/request.ts";

/** What a caller sent beside the request: keys in lower case, each with its values in order. */
export type Metadata = ReadonlyMap<string, readonly string[]>;

/** The key under which containerd passes the namespace of a call. */
export const namespaceKey = "containerd-namespace-ttrpc";

/** The entries of a request as Metadata. */
export function decodeMetadata(entries: readonly KeyValue[]): Metadata {
  const metadata = new Map<string, string[]>();
  for (const { key, value } of entries) {
    const name = key.toLowerCase();
    const values = metadata.get(name);
    if (values === undefined) metadata.set(name, [value]);
    else values.push(value);
  }
  return metadata;
}

/** Metadata with one value a key as entries of a request. */
export function encodeMetadata(metadata: Readonly<Record<string, string>>): KeyValue[] {
  return Object.entries(metadata).map(([key, value]) => ({ key: key.toLowerCase(), value }));
}

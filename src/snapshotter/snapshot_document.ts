import { type Snapshot, type SnapshotKind, snapshotKinds, type Usage } from "./snapshot.ts";

/** A snapshot as the text of its document. */
export function writeSnapshotDocument(snapshot: Snapshot): string {
  return `${JSON.stringify({ version: 1, ...snapshot })}\n`;
}

/**
 * The snapshot in a document.
 * @throws Error for a document of a later version, or one that is damaged
 */
export function readSnapshotDocument(text: string): Snapshot {
  const { version, ...document } = JSON.parse(text) as Record<string, unknown>;
  if (version !== 1) throw new Error(`version ${String(version)}: not known`);
  return {
    id: stringIn(document, "id"),
    name: stringIn(document, "name"),
    kind: kindIn(document),
    parent: stringIn(document, "parent"),
    labels: labelsIn(document),
    createdAt: stringIn(document, "createdAt"),
    updatedAt: stringIn(document, "updatedAt"),
    usage: usageIn(document),
    clonedAt: stringIn(document, "clonedAt"),
  };
}

type Document = Readonly<Record<string, unknown>>;

function stringIn(document: Document, field: string): string {
  const value = document[field];
  if (typeof value !== "string") throw new Error(`${field}: is not a string`);
  return value;
}

function kindIn(document: Document): SnapshotKind {
  const kind = snapshotKinds.find((candidate) => candidate === document["kind"]);
  if (kind === undefined) throw new Error("kind: is not known");
  return kind;
}

function labelsIn(document: Document): Record<string, string> {
  const labels = Object.entries(objectIn(document, "labels"));
  return Object.fromEntries(labels.map(([name, value]) => [name, String(value)]));
}

function usageIn(document: Document): Usage {
  const { size, inodes } = objectIn(document, "usage");
  return { size: Number(size), inodes: Number(inodes) };
}

function objectIn(document: Document, field: string): Record<string, unknown> {
  const value = document[field];
  if (typeof value !== "object" || value === null) throw new Error(`${field}: is not an object`);
  return value as Record<string, unknown>;
}

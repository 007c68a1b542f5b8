import * as api from "../proto/generated/containerd/services/snapshots/v1/snapshots.ts";
import { Mount } from "../proto/generated/containerd/types/mount.ts";
import { Empty } from "../proto/generated/google/protobuf/empty.ts";
import { toTimestamp } from "../proto/timestamp.ts";
import { parseFilters } from "./filter/filter.ts";
import { type Call, type GrpcService, streaming, unary } from "./grpc_method.ts";
import type { Snapshot } from "./snapshot.ts";
import type { NewSnapshot, SnapshotMount, Snapshots } from "./snapshots.ts";

export const snapshotServiceName = "containerd.services.snapshots.v1.Snapshots";

/** As many as containerd's own service puts into one message. */
const listBlock = 100;

/** The gRPC edge of snapshots. The name of the snapshotter in a request is the client's: here is only one. */
export function snapshotService(snapshots: Snapshots): GrpcService {
  return {
    Prepare: unary(api.PrepareSnapshotRequest, api.PrepareSnapshotResponse, async (request, call) => ({
      mounts: (await snapshots.prepare(newSnapshot(request, call))).map(toMount),
    })),
    View: unary(api.ViewSnapshotRequest, api.ViewSnapshotResponse, async (request, call) => ({
      mounts: (await snapshots.view(newSnapshot(request, call))).map(toMount),
    })),
    Mounts: unary(api.MountsRequest, api.MountsResponse, ({ key }) => ({
      mounts: snapshots.mounts(key).map(toMount),
    })),
    Commit: unary(api.CommitSnapshotRequest, Empty, async ({ name, key, labels, parent }) => {
      await snapshots.commit(name, key, labels, parent);
      return {};
    }),
    Remove: unary(api.RemoveSnapshotRequest, Empty, async ({ key }) => {
      await snapshots.remove(key);
      return {};
    }),
    Stat: unary(api.StatSnapshotRequest, api.StatSnapshotResponse, ({ key }) => ({
      info: toInfo(snapshots.stat(key)),
    })),
    Update: unary(api.UpdateSnapshotRequest, api.UpdateSnapshotResponse, async ({ info, updateMask }) => {
      const paths = updateMask ?? [];
      return { info: toInfo(await snapshots.update(info?.name ?? "", info?.labels ?? {}, paths)) };
    }),
    List: streaming(api.ListSnapshotsRequest, api.ListSnapshotsResponse, function* ({ filters }) {
      const all = snapshots.list(parseFilters(filters)).map(toInfo);
      for (let at = 0; at < all.length; at += listBlock) yield { info: all.slice(at, at + listBlock) };
    }),
    Usage: unary(api.UsageRequest, api.UsageResponse, async ({ key }) => {
      const { size, inodes } = await snapshots.usage(key);
      return { size: BigInt(size), inodes: BigInt(inodes) };
    }),
    Cleanup: unary(api.CleanupRequest, Empty, async () => {
      await snapshots.cleanup();
      return {};
    }),
  };
}

function newSnapshot(
  { key, parent, labels }: api.PrepareSnapshotRequest | api.ViewSnapshotRequest,
  { signal }: Call,
): NewSnapshot {
  return { key, parent, labels, signal };
}

function toMount({ type, source, options }: SnapshotMount): Mount {
  return Mount.create({ type, source, options: [...options] });
}

const kinds = { view: api.Kind.VIEW, active: api.Kind.ACTIVE, committed: api.Kind.COMMITTED } as const;

function toInfo({ name, parent, kind, createdAt, updatedAt, labels }: Snapshot): api.Info {
  return {
    name,
    parent,
    kind: kinds[kind],
    createdAt: toTimestamp(new Date(createdAt)),
    updatedAt: toTimestamp(new Date(updatedAt)),
    labels: { ...labels },
  };
}

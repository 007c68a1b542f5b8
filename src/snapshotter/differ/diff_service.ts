import * as api from "../../proto/generated/containerd/services/diff/v1/diff.ts";
import { type GrpcService, unary } from "../grpc_method.ts";
import type { Differ } from "./differ.ts";

export const diffServiceName = "containerd.services.diff.v1.Diff";

/** The gRPC edge of the differ. */
export function diffService(differ: Differ): GrpcService {
  return {
    Diff: unary(api.DiffRequest, api.DiffResponse, async (request, call) => ({
      diff: await differ.compare(request, call),
    })),
    Apply: unary(api.ApplyRequest, api.ApplyResponse, (request) => differ.apply(request)),
  };
}

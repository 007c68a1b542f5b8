import { Code, RundError } from "../common/error.ts";

/**
 * ttrpc's frames: 10 bytes of header, big-endian (u32 content length, u32 stream id, u8 type, u8 flags), then
 * the content. Source: PROTOCOL.md and channel.go of containerd/ttrpc.
 */
export interface Frame {
  readonly streamId: number;
  readonly type: number;
  readonly flags: number;
  readonly payload: Uint8Array;
}

export const headerBytes = 10;

/** Longest content of a frame, in bytes. */
export const maxPayloadBytes = 4 << 20;

export const FrameType = { request: 1, response: 2, data: 3 } as const;

export const FrameFlag = { remoteClosed: 1, remoteOpen: 2, noData: 4 } as const;

/** The error for content over the limit. */
export function oversized(length: number): RundError {
  return new RundError(
    Code.resourceExhausted,
    `message of ${length} bytes: over the limit of ${maxPayloadBytes} bytes`,
  );
}

/**
 * Room for one frame with its header written; the caller fills `headerBytes` and on. One allocation, so that a
 * frame goes to the socket whole. Throws `resourceExhausted` for content over the limit.
 */
export function allocFrame(streamId: number, type: number, flags: number, length: number): Buffer {
  if (length > maxPayloadBytes) throw oversized(length);
  const frame = Buffer.allocUnsafe(headerBytes + length);
  frame.writeUInt32BE(length, 0);
  frame.writeUInt32BE(streamId, 4);
  frame[8] = type;
  frame[9] = flags;
  return frame;
}

/** A whole frame around `payload`. Throws `resourceExhausted` for a payload over the limit. */
export function encodeFrame({ streamId, type, flags, payload }: Frame): Buffer {
  const frame = allocFrame(streamId, type, flags, payload.length);
  frame.set(payload, headerBytes);
  return frame;
}

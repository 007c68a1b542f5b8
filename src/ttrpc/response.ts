import type { Status } from "../proto/generated/google/rpc/status.ts";
import { Response } from "../proto/generated/ttrpc/request.ts";
import { allocFrame, encodeFrame, FrameType, headerBytes } from "./frame.ts";

/** Tag of `Response.payload`: field 2, length-delimited. */
const payloadTag = 0x12;

const noBytes = new Uint8Array(0);

/**
 * The frame of a successful answer. Written by hand because every answer comes this way: one allocation and
 * one copy of the payload. An empty payload makes an empty frame. Throws `resourceExhausted` when too long.
 */
export function encodeSuccess(streamId: number, payload: Uint8Array): Buffer {
  if (payload.length === 0) return allocFrame(streamId, FrameType.response, 0, 0);
  const length = 1 + varintBytes(payload.length) + payload.length;
  const frame = allocFrame(streamId, FrameType.response, 0, length);
  frame[headerBytes] = payloadTag;
  frame.set(payload, writeVarint(frame, payload.length, headerBytes + 1));
  return frame;
}

/** The frame of a failed answer. */
export function encodeFailure(streamId: number, status: Status): Buffer {
  const payload = Response.encode({ status, payload: noBytes }).finish();
  return encodeFrame({ streamId, type: FrameType.response, flags: 0, payload });
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value >>> 7; rest !== 0; rest >>>= 7) bytes++;
  return bytes;
}

/** Returns the offset behind the varint. */
function writeVarint(target: Buffer, value: number, offset: number): number {
  let at = offset;
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) target[at++] = (rest & 0x7f) | 0x80;
  target[at++] = rest;
  return at;
}

import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { RundError } from "../../../../src/common/error.ts";
import { Upload } from "../../../../src/snapshotter/http2/upload.ts";

let folder: string;
let server: Http2Server;

beforeEach(async () => {
  folder = mkdtempSync("/tmp/rund-upload-");
  server = createServer({ settings: { initialWindowSize: 20_000 } });
  await new Promise<void>((resolve) => server.listen(`${folder}/s`, resolve));
});

afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

/** Answers each message by its length, and ends the call behind the last of so many. */
function serve(count: number, status: Record<string, string>): Promise<Record<string, unknown>> {
  return new Promise((resolve) => {
    server.on("stream", (stream: ServerHttp2Stream, headers) => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers(status));
      stream.on("error", () => {});
      let [received, left] = [Buffer.alloc(0), count];
      stream.on("data", (chunk: Buffer) => {
        received = Buffer.concat([received, chunk]);
        while (received.length >= 5 && received.length >= 5 + received.readUInt32BE(1)) {
          const length = received.readUInt32BE(1);
          const answer = Buffer.alloc(9);
          answer.writeUInt32BE(4, 1);
          answer.writeUInt32BE(length, 5);
          received = received.subarray(5 + length);
          stream.write(answer);
          if (--left === 0) stream.end();
        }
      });
      resolve(headers);
    });
  });
}

/** Sends messages of these sizes; the sizes that were answered, and how the call has ended. */
function send(sizes: readonly number[], metadata: Record<string, string> = {}) {
  const answers: number[] = [];
  return new Promise<{ answers: number[]; error: RundError | undefined }>((resolve) => {
    const upload = new Upload(`${folder}/s`, "/service/Method", new Map(Object.entries(metadata)), {
      answered: (message) => answers.push(message.readUInt32BE(0)),
      ended: (error) => resolve({ answers, error }),
    });
    for (const size of sizes) upload.send(Buffer.alloc(size, "x"));
  });
}

it("sends messages larger than any window, and hands on the answers", async () => {
  const headers = serve(4, { "grpc-status": "0" });
  const sizes = [1, 3_000_000, 0, 65_536];
  expect(await send(sizes, { "containerd-namespace": "x" })).toEqual({ answers: sizes, error: undefined });
  expect(await headers).toMatchObject({ ":path": "/service/Method", "containerd-namespace": "x" });
});

it("takes more answers than it has room for", async () => {
  serve(20_000, { "grpc-status": "0" });
  const { answers } = await send(Array<number>(20_000).fill(3));
  expect(answers).toHaveLength(20_000);
});

it("tells what the call was refused with", async () => {
  serve(1, { "grpc-status": "8", "grpc-message": "no space left on device: 100%25" });
  const { error } = await send([5]);
  expect(error).toMatchObject({ code: 8, message: "no space left on device: 100%" });
});

it("tells of a peer that is not there, or goes away", async () => {
  server.on("stream", (stream) => stream.session?.destroy());
  expect((await send([5])).error?.message).toMatch(/closed the connection|given up|reset/);
  server.close();
  rmSync(`${folder}/s`, { force: true });
  expect((await send([5])).error?.message).toContain("no such file or directory");
});

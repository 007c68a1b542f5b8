import { once } from "node:events";
import { connect } from "node:net";
import { FrameReader } from "../../../src/ttrpc/frame_reader.ts";
import type { FrameBatch } from "./frame_fuzzer.ts";

/** How long a shim may take for one batch, in milliseconds. */
const patience = 30_000;

/**
 * Sends a batch over a connection of its own, reads the answers meanwhile, and resolves to how many came once the last
 * frame is answered. A batch that nothing can follow is only sent.
 */
export async function fire(socketPath: string, batch: FrameBatch): Promise<number> {
  const socket = connect(socketPath);
  await once(socket, "connect");
  try {
    return await new Promise<number>((resolve, reject) => {
      let answers = 0;
      const timer = setTimeout(
        () => reject(new Error(`the last of ${answers} frames is not answered`)),
        patience,
      );
      const settle = (): void => {
        clearTimeout(timer);
        resolve(answers);
      };
      const onFrame = ({ streamId }: { streamId: number }): void => {
        answers++;
        if (streamId === batch.lastStream) settle();
      };
      const reader = new FrameReader({
        onFrame,
        onOversized: () => reject(new Error("an answer over the limit")),
      });
      socket.on("data", (chunk: Buffer) => reader.push(chunk));
      // It has the right to hang up on a client that speaks no ttrpc, but not on one that then makes a good call.
      socket.on("error", (error) => (batch.lastStream === undefined ? settle() : reject(error)));
      socket.on("close", () => (batch.lastStream === undefined ? settle() : reject(new Error("hung up"))));
      socket.write(batch.bytes, () => {
        if (batch.lastStream === undefined) socket.end();
      });
    });
  } finally {
    socket.destroy();
  }
}

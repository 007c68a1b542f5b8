import type { Readable } from "node:stream";
import { Code, RundError } from "../common/error.ts";
import type { LoggerUri } from "./uri.ts";

/** The descriptor on which a logging program says that it is ready. */
export const readyDescriptor = 5;

/**
 * Waits at most `deadline` milliseconds until a logging program has said that it is ready; `ready` is our end of 5: with `binary` by closing descriptor 5, with `binary-v2` by
 * writing a byte to it, so that there a program that dies early is told apart.
 * @throws RundError deadlineExceeded, or failedPrecondition for one that closed it without a word
 */
export async function awaitLoggerReady(uri: LoggerUri, ready: Readable, deadline: number): Promise<void> {
  const told = uri.scheme === "binary" ? "close" : "write a byte to";
  try {
    const word = await firstWord(ready, deadline);
    if (word === "late") {
      const reason = `not ready after ${deadline} ms: it has to ${told} descriptor ${readyDescriptor}`;
      throw new RundError(Code.deadlineExceeded, `stdio ${uri.text}: ${reason}`);
    }
    if (word === "end" && uri.scheme === "binary-v2") {
      const reason = `ended before it was ready: it has to ${told} descriptor ${readyDescriptor}`;
      throw new RundError(Code.failedPrecondition, `stdio ${uri.text}: ${reason}`);
    }
  } finally {
    ready.destroy();
  }
}

function firstWord(ready: Readable, deadline: number): Promise<"byte" | "end" | "late"> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve("late"), deadline);
    const settle = (word: "byte" | "end") => () => {
      clearTimeout(timer);
      resolve(word);
    };
    ready.once("data", settle("byte"));
    ready.once("end", settle("end"));
    // A program that dies with unread input resets the line, which is an end too.
    ready.on("error", settle("end"));
    ready.once("close", settle("end"));
  });
}

import { writeSync } from "node:fs";
import type { Logger } from "../common/log.ts";
import { formatLogLine } from "../common/log_line.ts";
import { cleanUpContainer } from "../container/clean_up.ts";
import { DeleteResponse } from "../proto/generated/containerd/task/v2/task.ts";
import { toTimestamp } from "../proto/timestamp.ts";
import { assertIdentifier, type ShimArguments } from "./arguments.ts";
import { removeSocketOf } from "./own_socket.ts";
import { readPanicLog } from "./panic_log.ts";

/** What one hook may take, in milliseconds: containerd gives `delete` five seconds for everything. */
const hookLimit = 1_000;

/** Standard error goes to containerd's log as a warning. */
const stderrLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: (message, fields) => writeSync(2, formatLogLine("warning", message, fields)),
  error: (message, fields) => writeSync(2, formatLogLine("error", message, fields)),
};

/**
 * `delete`: takes back whatever a shim left behind and prints a DeleteResponse. containerd runs it after every
 * lost connection, so also after a clean end, when nothing is left to do.
 */
export async function deleteContainer(args: ShimArguments): Promise<void> {
  assertIdentifier("id", args.id);
  const bundle = args.bundle || process.cwd();
  const panic = readPanicLog(bundle);
  if (panic !== "") writeSync(2, panic);
  const { pid, exit } = await cleanUpContainer(bundle, stderrLogger, hookLimit);
  await removeSocketOf(bundle, args);
  const response = DeleteResponse.create({
    pid,
    exitStatus: exit.status,
    exitedAt: toTimestamp(exit.exitedAt),
  });
  writeSync(1, DeleteResponse.encode(response).finish());
}

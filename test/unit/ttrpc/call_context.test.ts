import { expect, test } from "vitest";
import { Code, RundError } from "../../../src/common/error.ts";
import { Request } from "../../../src/proto/generated/ttrpc/request.ts";
import { Call } from "../../../src/ttrpc/call_context.ts";

const reason = new RundError(Code.canceled, "gone");

test.each(["before", "after"] as const)("a signal that was asked for %s the call was given up", (when) => {
  const call = new Call(Request.create({ service: "s", method: "M" }));
  const early = when === "before" ? call.context.signal : undefined;
  expect(early?.aborted ?? false).toBe(false);
  call.cancel(reason);
  call.cancel(new RundError(Code.deadlineExceeded, "only the first counts"));
  const { signal } = call.context;
  expect(signal.reason).toBe(reason);
  expect(signal).toBe(early ?? signal);
});

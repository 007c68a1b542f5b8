import { Code, RundError } from "../common/error.ts";
import { late } from "../common/late.ts";
import type { LauncherAnswer } from "./records.ts";

/** What the launcher said that stopped it. */
export interface LauncherError {
  /** Errno number; 0 where the text alone says it. */
  readonly errno: number;
  /** A destination, `root`, or `bundle`. */
  readonly subject: string;
  readonly text: string;
}

/** The error in a launcher's answer. One that was killed, or that said nothing, gets a text of its own. */
export function launcherError(answer: LauncherAnswer): LauncherError {
  const [, errno, subject, text] = answer.records.find(([name]) => name === "error") ?? [];
  if (subject !== undefined && text !== undefined) return { errno: Number(errno), subject, text };
  const reason = answer.status < 0 ? "took too long" : `launcher failed with ${answer.status}`;
  return { errno: 0, subject: "", text: reason };
}

/** The same as `mount DEST: reason` with the code a client acts on. */
export function mountError(error: LauncherError): RundError {
  const { subject, text } = error;
  const place = subject.startsWith("/") ? `mount ${subject}` : subject || "mount";
  return new RundError(codeOf(error), `${place}: ${text}`);
}

function codeOf({ errno, subject }: LauncherError): Code {
  const name = errno === 0 ? "" : late("node:util").getSystemErrorName(-errno);
  if (subject === "bundle" || (subject === "root" && name === "EBUSY")) return Code.failedPrecondition;
  if (name === "ENOSPC" || name === "EMFILE" || name === "ENFILE" || name === "ENOMEM")
    return Code.resourceExhausted;
  if (subject === "") return Code.internal;
  if (subject === "root" && (name === "ENOENT" || name === "ENOTDIR")) return Code.invalidArgument;
  /** ENOTSUP and EOPNOTSUPP are one number on Linux and two on macOS. */
  const asked = name === "" || name === "EINVAL" || name === "ENOTSUP" || name === "EOPNOTSUPP";
  return asked ? Code.invalidArgument : Code.internal;
}

import { Code, RundError } from "../../common/error.ts";
import type { Command } from "../command.ts";

/** `checkpoint` and `restore`, whatever else is asked: an answer that tells why is better than an unknown command. */
export const checkpointCommand: Command = () => {
  throw new RundError(Code.unimplemented, "jails cannot be checkpointed: there is no CRIU for chroot jails");
};

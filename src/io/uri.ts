import { Code, RundError } from "../common/error.ts";

/** Where one stream of a process goes. */
export interface StdioUri {
  readonly scheme: "fifo" | "file";
  readonly path: string;
}

/**
 * Reads a stdio URI as containerd's shims do: "" is no stream at all, a bare path is a fifo.
 * @throws RundError invalidArgument for a scheme rund does not know: output is never dropped silently
 */
export function parseStdioUri(text: string): StdioUri | undefined {
  if (text === "") return undefined;
  const match = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text);
  const scheme = match?.[1] ?? "fifo";
  const path = match?.[2] ?? text;
  if (scheme !== "fifo" && scheme !== "file") {
    throw new RundError(Code.invalidArgument, `stdio ${text}: unknown scheme "${scheme}"`);
  }
  if (!path.startsWith("/")) throw new RundError(Code.invalidArgument, `stdio ${text}: path is not absolute`);
  return { scheme, path: match === null ? path : decodeURI(path) };
}

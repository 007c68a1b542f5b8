import { Code, RundError } from "../common/error.ts";

/** A fifo that a client has made, or a file that rund appends to. */
export interface PathUri {
  readonly scheme: "fifo" | "file";
  readonly path: string;
}

/** A logging program and its arguments. The two schemes differ in how it says that it is ready. */
export interface LoggerUri {
  readonly scheme: "binary" | "binary-v2";
  readonly path: string;
  readonly args: readonly string[];
  /** As the client wrote it, for errors. */
  readonly text: string;
}

/** Where one stream of a process goes. */
export type StdioUri = PathUri | LoggerUri;

/**
 * Reads a stdio URI as containerd's shims do: "" is no stream at all, a bare path is a fifo.
 * @throws RundError invalidArgument for a scheme rund does not know (output is never dropped silently), a
 *   malformed URI, and a path that is not absolute
 */
export function parseStdioUri(text: string): StdioUri | undefined {
  if (text === "") return undefined;
  const parts = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?/is.exec(text);
  if (parts === null) return { scheme: "fifo", path: absolute(text, text) };
  const [, scheme = "", host = "", encodedPath = "", query = ""] = parts;
  if (!isScheme(scheme)) throw invalid(text, `unknown scheme "${scheme}"`);
  if (host !== "") throw invalid(text, `path is not absolute: it starts with a third slash`);
  const path = absolute(text, decode(text, encodedPath));
  if (scheme === "fifo" || scheme === "file") return { scheme, path };
  return { scheme, path, args: queryArguments(text, query), text };
}

const schemes = ["fifo", "file", "binary", "binary-v2"] as const;

function isScheme(scheme: string): scheme is (typeof schemes)[number] {
  return schemes.some((known) => known === scheme);
}

/** The pairs of a query in their order: names and values are one argument each, a missing value is an empty one. */
function queryArguments(text: string, query: string): string[] {
  const pairs = query.split("&").filter((pair) => pair !== "");
  return pairs.flatMap((pair) => {
    const equals = pair.includes("=") ? pair.indexOf("=") : pair.length;
    const halves = [pair.slice(0, equals), pair.slice(equals + 1)];
    return halves.map((half) => decode(text, half.replaceAll("+", " ")));
  });
}

function decode(text: string, part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid(text, `malformed escape in "${part}"`);
  }
}

function absolute(text: string, path: string): string {
  if (path.includes("\0")) throw invalid(text, "path holds a NUL");
  if (!path.startsWith("/")) throw invalid(text, "path is not absolute");
  return path;
}

function invalid(text: string, reason: string): RundError {
  return new RundError(Code.invalidArgument, `stdio ${text}: ${reason}`);
}

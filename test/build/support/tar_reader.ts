import { createHash } from "node:crypto";

/** One member of a layer. */
export interface TarEntry {
  /** Without a leading `./` and a trailing slash. */
  readonly path: string;
  /** A letter as `ls -l` has it: `-`, `d`, `l`, `c`, `b`, `p`; `h` for a hard link. */
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** Where a link leads. */
  readonly link: string;
  /** `MAJOR:MINOR` of a device. */
  readonly device: string;
  readonly xattrs: Readonly<Record<string, string>>;
  readonly content: Buffer;
}

const block = 512;
const types: Readonly<Record<string, string>> = {
  0: "-",
  "\0": "-",
  1: "h",
  2: "l",
  3: "c",
  4: "b",
  5: "d",
  6: "p",
};
const xattrPrefix = "SCHILY.xattr.";

/** The members of an archive in their order. Reads what Go's archive/tar writes: ustar with pax headers. */
export function readTar(archive: Buffer): TarEntry[] {
  const entries: TarEntry[] = [];
  let pax: Record<string, string> = {};
  for (let at = 0; at + block <= archive.length && archive[at] !== 0; ) {
    const head = archive.subarray(at, at + block);
    const flag = text(head, 156, 1) || "\0";
    const size = Number(pax["size"] ?? octal(head, 124, 12));
    const content = archive.subarray(at + block, at + block + size);
    at += block + Math.ceil(size / block) * block;
    if (flag === "x") {
      pax = readPax(content);
    } else if (flag !== "g") {
      entries.push(readEntry(head, types[flag] ?? `?${flag}`, pax, content));
      pax = {};
    }
  }
  return entries;
}

function readEntry(head: Buffer, type: string, pax: Record<string, string>, content: Buffer): TarEntry {
  const prefix = text(head, 345, 155);
  const name = text(head, 0, 100);
  const path = pax["path"] ?? (prefix === "" ? name : `${prefix}/${name}`);
  const xattrs = Object.entries(pax)
    .filter(([key]) => key.startsWith(xattrPrefix))
    .map(([key, value]) => [key.slice(xattrPrefix.length), Buffer.from(value, "latin1").toString("hex")]);
  return {
    path: path.replace(/^\.?\//, "").replace(/\/$/, ""),
    type,
    mode: octal(head, 100, 8) & 0o7777,
    uid: Number(pax["uid"] ?? octal(head, 108, 8)),
    gid: Number(pax["gid"] ?? octal(head, 116, 8)),
    size: content.length,
    mtime: Math.floor(Number(pax["mtime"] ?? octal(head, 136, 12))),
    link: pax["linkpath"] ?? text(head, 157, 100),
    device: type === "c" || type === "b" ? `${octal(head, 329, 8)}:${octal(head, 337, 8)}` : "",
    xattrs: Object.fromEntries(xattrs),
    content,
  };
}

/** Records of `LENGTH KEY=VALUE\n`; values are bytes, kept as latin1 unless they are a path. */
function readPax(content: Buffer): Record<string, string> {
  const result: Record<string, string> = {};
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(" ", at);
    const length = Number(content.toString("latin1", at, space));
    const record = content.subarray(space + 1, at + length - 1);
    const equals = record.indexOf("=");
    const key = record.toString("utf8", 0, equals);
    result[key] = record.toString(key.startsWith(xattrPrefix) ? "latin1" : "utf8", equals + 1);
    at += length;
  }
  return result;
}

function text(head: Buffer, at: number, length: number): string {
  const field = head.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.toString("utf8", 0, end === -1 ? length : end);
}

function octal(head: Buffer, at: number, length: number): number {
  return Number.parseInt(text(head, at, length).trim() || "0", 8);
}

/** An entry as a line, with all that decides what the file is; without its time, which no two builds have in common. */
export function entryLine(entry: TarEntry): string {
  const { type, mode, uid, gid, path, link, device, xattrs, content } = entry;
  const hash = content.length === 0 ? "" : createHash("sha256").update(content).digest("hex").slice(0, 12);
  const attributes = Object.entries(xattrs).map(([name, value]) => `${name}=${value}`);
  const arrow = link === "" ? "" : `-> ${link}`;
  const words = [`${type}${mode.toString(8).padStart(4, "0")}`, `${uid}:${gid}`, path, arrow, device, hash];
  return [...words, ...attributes.toSorted()].filter((word) => word !== "").join(" ");
}

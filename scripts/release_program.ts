import { createHash } from "node:crypto";
import { codeSignature, loadCommand, loadCommands } from "./mach_o.ts";

/** A kind of machine, in the words of releases. */
export type ProgramKind = "darwin-arm64" | "darwin-x64" | "linux-arm64" | "linux-x64";

const machOMagic = 0xfeedfacf;
const machOProcessors: Readonly<Record<number, ProgramKind>> = {
  [0x0100000c]: "darwin-arm64",
  [0x01000007]: "darwin-x64",
};
const elfMachines: Readonly<Record<number, ProgramKind>> = { 183: "linux-arm64", 62: "linux-x64" };

/** Throws unless the program is for that machine and, on a Mac, one that the kernel takes. */
export function assertProgram(program: Buffer, kind: ProgramKind): void {
  const actual = programKind(program);
  if (actual !== kind) throw new Error(`is a program for ${actual ?? "nothing known"}, not for ${kind}`);
  if (kind.startsWith("darwin")) assertMachO(program, kind);
}

function programKind(program: Buffer): ProgramKind | undefined {
  if (program.readUInt32LE(0) === machOMagic && program.readUInt32LE(12) === 2) {
    return machOProcessors[program.readUInt32LE(4)];
  }
  const isElf = program.subarray(0, 4).toString("latin1") === "\x7fELF" && program[4] === 2;
  return isElf ? elfMachines[program.readUInt16LE(18)] : undefined;
}

/** The newest macOS that a program may need at least. */
const oldestSystem = 13;

/** Libraries of the system alone, a version of macOS that is old enough, and a signature that fits. */
function assertMachO(program: Buffer, kind: ProgramKind): void {
  const commands = loadCommands(program);
  const of = (kind: number) => commands.filter((command) => command.kind === kind).map(({ at }) => at);
  for (const at of of(loadCommand.library)) {
    const [name = ""] = program
      .subarray(at + program.readUInt32LE(at + 8), at + 4096)
      .toString("latin1")
      .split("\0");
    if (!/^\/(usr\/lib|System)\//.test(name)) throw new Error(`loads ${name}, which a Mac may not have`);
  }
  const [version] = of(loadCommand.buildVersion);
  if (version === undefined) throw new Error("does not say which macOS it is for");
  const oldest = program.readUInt32LE(version + 12) >>> 16;
  if (oldest > oldestSystem) throw new Error(`needs macOS ${oldest}`);
  const [signature] = of(loadCommand.signature);
  if (signature !== undefined) assertSignature(program, program.readUInt32LE(signature + 8));
  // Intel's Macs run a program without a signature, but none with one that does not fit.
  else if (kind === "darwin-arm64") throw new Error("has no code signature, so a Mac kills it");
}

/** Every page of the program must have the digest that the signature has for it: the kernel kills it otherwise. */
function assertSignature(program: Buffer, start: number): void {
  const signature = program.subarray(start);
  if (signature.length < 12 || signature.readUInt32BE(0) !== codeSignature.superBlob)
    throw new Error("its signature is damaged");
  const blobs = Array.from({ length: signature.readUInt32BE(8) }, (_, index) =>
    signature.subarray(signature.readUInt32BE(16 + 8 * index)),
  );
  const directory = blobs.find((blob) => blob.readUInt32BE(0) === codeSignature.directory);
  if (directory === undefined) throw new Error("its signature has no code directory");
  const [hashes, slots, limit] = [16, 28, 32].map((at) => directory.readUInt32BE(at)) as [
    number,
    number,
    number,
  ];
  const pageBits = directory[39] ?? 0;
  const { sha256, hashSize } = codeSignature;
  if (directory[37] !== sha256 || directory[36] !== hashSize)
    throw new Error("its signature does not use SHA-256");
  if (limit !== start) throw new Error(`its signature is of ${limit} bytes, and there are ${start}`);
  for (let slot = 0; slot < slots; slot++) {
    const page = program.subarray(slot << pageBits, Math.min((slot + 1) << pageBits, limit));
    const at = hashes + slot * hashSize;
    const digest = createHash("sha256").update(page).digest();
    if (!digest.equals(directory.subarray(at, at + hashSize)))
      throw new Error(`its signature does not fit page ${slot}`);
  }
}

import { createHash } from "node:crypto";
import { codeSignature, loadCommand, loadCommands, segmentAt } from "./mach_o.ts";

const pageBits = 12;
const pageSize = 1 << pageBits;
const directorySize = 88;
const superBlobSize = 20;

/** The flag for a signature that names nobody. */
const adHoc = 2;

/**
 * Signs a Mach-O program anew, ad hoc, as `codesign --sign -` does: what is there is the signature of the program that it was
 * made from, which does not fit any more. The signature must be the last thing in the file.
 */
export function signProgram(original: Buffer, identifier: string): Buffer {
  const command = loadCommands(original).find(({ kind }) => kind === loadCommand.signature);
  if (command === undefined) throw new Error("has no place for a signature");
  const start = original.readUInt32LE(command.at + 8);
  if (start + original.readUInt32LE(command.at + 12) !== original.length)
    throw new Error("has something behind its signature");
  const slots = Math.ceil(start / pageSize);
  const name = Buffer.from(`${identifier}\0`);
  const length = superBlobSize + directorySize + name.length + slots * codeSignature.hashSize;
  const size = Math.ceil(length / 16) * 16;
  const program = Buffer.concat([original.subarray(0, start), Buffer.alloc(size)]);
  // Before the pages are hashed: the first of them has the load commands.
  program.writeUInt32LE(size, command.at + 12);
  resizeLast(program, "__LINKEDIT");
  writeSignature(program, start, name, slots);
  return program;
}

/** Has the last segment reach to the end of the file. */
function resizeLast(program: Buffer, name: string): void {
  const at = segmentAt(program, name);
  const size = BigInt(program.length) - program.readBigUInt64LE(at + 40);
  const rounded = ((size + 0x3fffn) / 0x4000n) * 0x4000n;
  program.writeBigUInt64LE(size, at + 48);
  program.writeBigUInt64LE(rounded, at + 32);
}

function writeSignature(program: Buffer, start: number, name: Buffer, slots: number): void {
  const hashes = directorySize + name.length;
  const length = hashes + slots * codeSignature.hashSize;
  const blob = program.subarray(start);
  [codeSignature.superBlob, superBlobSize + length, 1, 0, superBlobSize].forEach((word, index) => {
    blob.writeUInt32BE(word, 4 * index);
  });
  const directory = blob.subarray(superBlobSize);
  const words = [codeSignature.directory, length, 0x20400, adHoc, hashes, directorySize, 0, slots, start];
  words.forEach((word, index) => void directory.writeUInt32BE(word >>> 0, 4 * index));
  directory.set([codeSignature.hashSize, codeSignature.sha256, 0, pageBits], 36);
  const text = segmentAt(program, "__TEXT");
  directory.writeBigUInt64BE(program.readBigUInt64LE(text + 40), 64);
  directory.writeBigUInt64BE(program.readBigUInt64LE(text + 48), 72);
  directory.writeBigUInt64BE(1n, 80);
  directory.set(name, directorySize);
  for (let slot = 0; slot < slots; slot++) {
    const page = program.subarray(slot * pageSize, Math.min((slot + 1) * pageSize, start));
    directory.set(createHash("sha256").update(page).digest(), hashes + slot * codeSignature.hashSize);
  }
}

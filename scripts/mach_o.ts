/** One load command of a 64-bit Mach-O file: its number, where it stands, and how long it is. */
export interface LoadCommand {
  readonly kind: number;
  readonly at: number;
  readonly size: number;
}

/** Numbers and layouts of Apple's loader.h. */
export const loadCommand = { library: 0xc, segment: 0x19, signature: 0x1d, buildVersion: 0x32 } as const;

export function loadCommands(program: Buffer): LoadCommand[] {
  const commands: LoadCommand[] = [];
  for (let at = 32, left = program.readUInt32LE(16); left > 0; left--) {
    const size = program.readUInt32LE(at + 4);
    commands.push({ kind: program.readUInt32LE(at), at, size });
    at += size;
  }
  return commands;
}

/** Where a segment's command stands. */
export function segmentAt(program: Buffer, name: string): number {
  const isNamed = ({ at }: LoadCommand) =>
    program.subarray(at + 8, at + 8 + name.length + 1).equals(Buffer.from(`${name}\0`));
  const found = loadCommands(program).find(
    (command) => command.kind === loadCommand.segment && isNamed(command),
  );
  if (found === undefined) throw new Error(`has no segment ${name}`);
  return found.at;
}

/** Numbers and layouts of Apple's cs_blobs.h; all of it is big-endian. */
export const codeSignature = {
  superBlob: 0xfade0cc0,
  directory: 0xfade0c02,
  sha256: 2,
  hashSize: 32,
} as const;

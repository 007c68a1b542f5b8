import type { JailProcess } from "../jail/process_table.ts";

/** Processor time in microseconds. */
export interface CpuTime {
  readonly user: number;
  readonly system: number;
}

type Kind = keyof CpuTime;
const kinds: readonly Kind[] = ["user", "system"];

/** What one look at a process showed. */
interface Seen {
  readonly ppid: number;
  /** Its own time and that of its ended children. */
  readonly total: CpuTime;
  readonly children: CpuTime;
}

/**
 * The processor time of a jail, which never goes backwards. A process that ends takes its time out of the table; where
 * its parent in the jail waited for it, the parent has it now, and where nobody did, it is kept here.
 */
export class CpuAccount {
  #known: ReadonlyMap<number, Seen> = new Map();
  readonly #kept: Record<Kind, number> = { user: 0, system: 0 };

  /** Takes the jail's processes of this moment, and answers all time that was ever used. */
  take(processes: readonly JailProcess[]): CpuTime {
    const now = new Map(processes.map((process) => [process.pid, seen(process)]));
    const before = this.#known;
    this.#known = now;
    return {
      user: this.#sum("user", before, now),
      system: this.#sum("system", before, now),
    };
  }

  #sum(kind: Kind, before: ReadonlyMap<number, Seen>, now: ReadonlyMap<number, Seen>): number {
    const inherited = inheritances(kind, before, now);
    for (const [pid, process] of before) {
      if (!hasEnded(process, now.get(pid))) continue;
      const time = process.total[kind];
      const heir = livingAncestor(process, before, now);
      const taken = heir === undefined ? 0 : Math.min(time, inherited.get(heir) ?? 0);
      if (heir !== undefined) inherited.set(heir, (inherited.get(heir) ?? 0) - taken);
      this.#kept[kind] += time - taken;
    }
    return [...now.values()].reduce((sum, { total }) => sum + total[kind], this.#kept[kind]);
  }
}

function seen({ ppid, user, system, childUser, childSystem }: JailProcess): Seen {
  const children = { user: childUser, system: childSystem };
  return { ppid, total: { user: user + childUser, system: system + childSystem }, children };
}

/** A process with less time than before is another one that got the same pid. */
function hasEnded(before: Seen, now: Seen | undefined): boolean {
  return now === undefined || kinds.some((kind) => now.total[kind] < before.total[kind]);
}

/** How much time each process has got from children that ended since the last look. */
function inheritances(
  kind: Kind,
  before: ReadonlyMap<number, Seen>,
  now: ReadonlyMap<number, Seen>,
): Map<number, number> {
  const entries = [...now].map(([pid, { children, total }]) => {
    const last = before.get(pid);
    const known = last !== undefined && !hasEnded(last, now.get(pid)) ? last : undefined;
    const grown = total[kind] - (known?.total[kind] ?? 0);
    return [pid, Math.max(0, Math.min(grown, children[kind] - (known?.children[kind] ?? 0)))] as const;
  });
  return new Map(entries);
}

/** Who may have what is left of an ended process: time goes up from parent to parent, as far as they have ended too. */
function livingAncestor(
  process: Seen,
  before: ReadonlyMap<number, Seen>,
  now: ReadonlyMap<number, Seen>,
): number | undefined {
  let { ppid } = process;
  for (let steps = 0; steps <= before.size; steps++) {
    if (now.has(ppid)) return ppid;
    const parent = before.get(ppid);
    if (parent === undefined) return undefined;
    ppid = parent.ppid;
  }
  return undefined;
}

let count = 0;

/** An id that no other test of this run has: usable for containers, execs, networks and volumes. */
export function uniqueId(name = "t"): string {
  count += 1;
  return `${name}-${process.pid}-${count}`;
}

import { Code, RundError } from "../../common/error.ts";

/** User ids that no one else on the host has: jails' users are taken from them. */
export interface UserPool {
  readonly first: number;
  readonly last: number;
}

/** In none of the ranges that systems give to people, services and containers. */
const usual = "70000-70063";

/**
 * Reads `RUND_USERS`, the first and the last id.
 * @throws RundError invalidArgument
 */
export function readUserPool(environment: NodeJS.ProcessEnv): UserPool {
  const text = environment["RUND_USERS"] || usual;
  const [, first = 0, last = 0] = (/^(\d{1,9})-(\d{1,9})$/.exec(text) ?? []).map(Number);
  if (first > 0 && last >= first) return { first, last };
  throw new RundError(
    Code.invalidArgument,
    `RUND_USERS: must be the first and the last user id, such as ${usual}, not "${text}"`,
  );
}

const prefix = "rund-";

export function userName(uid: number): string {
  return `${prefix}${uid}`;
}

/** The ids of the pool among names of users; names of another shape are nobody's that rund has made. */
export function poolIds(names: readonly string[], { first, last }: UserPool): Set<number> {
  const ids = names
    .filter((name) => /^rund-\d+$/.test(name))
    .map((name) => Number(name.slice(prefix.length)));
  return new Set(ids.filter((id) => id >= first && id <= last));
}

export const userPrefix = prefix;

import { Code, RundError } from "../common/error.ts";

/**
 * The one word that a command takes.
 * @throws RundError invalidArgument for none or more
 */
export function onlyWord(name: string, what: string, words: readonly string[]): string {
  const [word, ...rest] = words;
  if (word !== undefined && rest.length === 0) return word;
  const reason =
    word === undefined ? `needs ${what}` : `takes ${what} alone, not "${rest.join(" ")}" besides`;
  throw new RundError(Code.invalidArgument, `${reason}: see ${name} --help`);
}

/**
 * The words of a command that needs one at least.
 * @throws RundError invalidArgument for none
 */
export function firstWord(name: string, what: string, words: readonly string[]): [string, ...string[]] {
  const [word, ...rest] = words;
  if (word !== undefined) return [word, ...rest];
  throw new RundError(Code.invalidArgument, `needs ${what}: see ${name} --help`);
}

import { Code, RundError } from "./error.ts";

/**
 * What the environment says for a variable that may have a few values, `usual` when it says nothing.
 * @throws RundError invalidArgument that names the variable and what it may be
 */
export function choice<T extends string>(
  environment: NodeJS.ProcessEnv,
  name: string,
  values: readonly T[],
  usual: T,
): T {
  const text = environment[name];
  if (text === undefined || text === "") return usual;
  const value = values.find((candidate) => candidate === text);
  if (value !== undefined) return value;
  throw new RundError(Code.invalidArgument, `${name}: must be ${values.join(" or ")}, not "${text}"`);
}

import { Code, RundError } from "../../common/error.ts";
import { unquote } from "./unquote.ts";

export type Operator = "==" | "!=" | "~=";

/** One condition of a filter. */
export interface Selector {
  readonly path: readonly string[];
  readonly operator: Operator | "present";
  readonly value: string;
  /** Of `~=`; undefined when the value is no regular expression, which then matches nothing. */
  readonly pattern?: RegExp | undefined;
}

const quoted = String.raw`"(?:[^"\\\n]|\\.)*"`;
const field = new RegExp(String.raw`\s*(?:(${quoted})|([A-Za-z0-9_]+))`, "y");
const dot = /\s*\./y;
const comma = /\s*,/y;
const operators = /\s*(==|!=|~=)/y;
const value = new RegExp(String.raw`\s*(?:(${quoted})|([^\s,"|/][^\s,]*))`, "y");
/** Regular expressions have quotes of their own, so that they need no escapes. */
const patternValue = new RegExp(
  String.raw`\s*(?:(${quoted}|\|(?:[^|\\\n]|\\.)*\||/(?:[^/\\\n]|\\.)*/)|([^\s,"|/][^\s,]*))`,
  "y",
);
const end = /\s*$/y;

/**
 * The conditions of a filter in containerd's grammar; an empty one has none.
 * @throws RundError invalidArgument
 */
export function parseSelectors(text: string): Selector[] {
  const selectors: Selector[] = [];
  if (text === "") return selectors;
  const input = new Input(text);
  do selectors.push(selector(input));
  while (input.take(comma) !== undefined);
  if (input.take(end) === undefined) throw input.error("unexpected input");
  return selectors;
}

function selector(input: Input): Selector {
  const path = [fieldName(input)];
  while (input.take(dot) !== undefined) path.push(fieldName(input));
  const operator = input.take(operators)?.[1] as Operator | undefined;
  if (operator === undefined) return { path, operator: "present", value: "" };
  const found = input.take(operator === "~=" ? patternValue : value);
  if (found === undefined) throw input.error("expected value or quoted");
  const text = input.text(found);
  return { path, operator, value: text, ...(operator === "~=" && { pattern: regularExpression(text) }) };
}

function fieldName(input: Input): string {
  const found = input.take(field);
  if (found === undefined) throw input.error("expected field or quoted");
  return input.text(found);
}

/** The syntax of Go's and ours is the same for what filters use. */
function regularExpression(text: string): RegExp | undefined {
  try {
    return new RegExp(text, "u");
  } catch {
    return undefined;
  }
}

class Input {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** What a sticky expression matches here, which is then behind us. */
  take(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#text) ?? undefined;
    if (found !== undefined) this.#at = expression.lastIndex;
    return found;
  }

  /** The text of a match whose first group is quoted and whose second is not. */
  text([, inQuotes, plain = ""]: RegExpExecArray): string {
    if (inQuotes === undefined) return plain;
    const text = unquote(inQuotes);
    if (text === undefined) throw this.error("unquoting failed");
    return text;
  }

  error(reason: string): RundError {
    const [before, after] = [this.#text.slice(0, this.#at), this.#text.slice(this.#at)];
    return new RundError(Code.invalidArgument, `filter [${before} >|${after}]: ${reason}`);
  }
}

import { Code, RundError } from "../common/error.ts";

/** One value of a JSON document and the path to it, for errors that name it. */
export class Field {
  readonly path: string;
  readonly value: unknown;

  constructor(path: string, value: unknown) {
    this.path = path;
    this.value = value;
  }

  child(name: string): Field {
    return new Field(`${this.path}: ${name}`, (this.value as Record<string, unknown>)[name]);
  }

  /** Go's encoding leaves an empty field out or writes null. */
  optional(check: (field: Field) => void): void {
    if (this.value !== undefined && this.value !== null) check(this);
  }

  object(): void {
    if (typeof this.value !== "object" || this.value === null || Array.isArray(this.value))
      this.#fail("an object");
  }

  string(): void {
    if (typeof this.value !== "string") this.#fail("a string");
    if ((this.value as string).includes("\0")) this.#fail("a string without NUL");
  }

  absolutePath(): void {
    this.string();
    if (!(this.value as string).startsWith("/")) this.#fail("an absolute path");
  }

  boolean(): void {
    if (typeof this.value !== "boolean") this.#fail("true or false");
  }

  number(): void {
    if (typeof this.value !== "number") this.#fail("a number");
  }

  integer(least: number, most: number): void {
    const { value } = this;
    if (!Number.isInteger(value) || (value as number) < least || (value as number) > most) {
      this.#fail(`a whole number from ${least} to ${most}`);
    }
  }

  list(check: (entry: Field) => void): void {
    if (!Array.isArray(this.value)) this.#fail("a list");
    for (const [index, entry] of (this.value as unknown[]).entries())
      check(new Field(`${this.path}[${index}]`, entry));
  }

  #fail(expected: string): never {
    throw new RundError(Code.invalidArgument, `${this.path}: must be ${expected}`);
  }
}

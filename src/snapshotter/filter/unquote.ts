const simple: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

const escapes =
  /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([abfnrtv\\])|(["|/])|(.?))/gs;

/** The text of a string in Go's syntax, also between `|` or `/`; undefined for an escape that Go does not know. */
export function unquote(literal: string): string | undefined {
  const quote = literal[0];
  let known = true;
  const text = literal.slice(1, -1).replace(escapes, (_, ...groups: (string | undefined)[]) => {
    const [byte, short, long, octal, letter, mark] = groups;
    const hex = byte ?? short ?? long;
    if (hex !== undefined) return character(Number.parseInt(hex, 16));
    if (octal !== undefined) return character(Number.parseInt(octal, 8));
    if (letter !== undefined) return simple[letter] ?? "";
    if (mark !== undefined && mark === quote) return mark;
    known = false;
    return "";
  });
  return known ? text : undefined;

  function character(code: number): string {
    if (code <= 0x10ffff) return String.fromCodePoint(code);
    known = false;
    return "";
  }
}

/** The printable characters by the length of their code in bits, in the order of their codes: RFC 7541, appendix B. */
const charactersByLength: Readonly<Record<number, string>> = {
  5: "012aceiost",
  6: " %-./3456789=A_bdfghlmnpru",
  7: ":BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz",
  8: "&*,;XZ",
  10: '!"()?',
  11: "'+|",
  12: "#>",
  13: "\0$@[]~",
  14: "^}",
  15: "<`{",
};

const longest = 15;

/** Codes with their length in front, since `00` and `000` differ. */
const characterOf = new Map<number, string>();

let next = 0;
for (let length = 1; length <= longest; length++) {
  // The codes of one length follow on those of the one before.
  next <<= 1;
  for (const character of charactersByLength[length] ?? "")
    characterOf.set((1 << length) | next++, character);
}

/** Text that was compressed for a header; what follows a character that is not printable is left out. */
export function huffmanText(bytes: Uint8Array): string {
  let [text, code] = ["", 1];
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      code = (code << 1) | ((byte >> bit) & 1);
      const character = characterOf.get(code);
      if (character !== undefined) [text, code] = [text + character, 1];
      else if (code >> longest !== 0) return text;
    }
  }
  return text;
}

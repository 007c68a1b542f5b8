/** Collects text as it comes and lets callers wait for a pattern in what they have not matched yet. */
export class OutputMatcher {
  #text = "";
  #matchedUpTo = 0;
  #ended = false;
  readonly #checks = new Set<() => void>();

  /** Everything that has come so far. */
  get text(): string {
    return this.#text;
  }

  add(text: string): void {
    this.#text += text;
    this.#check();
  }

  /** Says that nothing more comes: whoever still waits is told so at once. */
  end(): void {
    this.#ended = true;
    this.#check();
  }

  /** The first match behind the last one; rejects after `timeout` milliseconds or when the output ends without it. */
  waitFor(pattern: RegExp, timeout: number): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.#checks.delete(check);
      };
      const fail = (why: string): void => {
        finish();
        const rest = JSON.stringify(this.#text.slice(this.#matchedUpTo).slice(-2000));
        reject(new Error(`output: ${why} before ${pattern} came; unmatched: ${rest}`));
      };
      const check = (): void => {
        const match = new RegExp(pattern, pattern.flags.replace(/[gy]/g, "")).exec(
          this.#text.slice(this.#matchedUpTo),
        );
        if (match !== null) {
          this.#matchedUpTo += match.index + match[0].length;
          finish();
          resolve(match);
        } else if (this.#ended) fail("ended");
      };
      const timer = setTimeout(() => fail(`nothing within ${timeout} ms`), timeout);
      this.#checks.add(check);
      check();
    });
  }

  #check(): void {
    for (const check of [...this.#checks]) check();
  }
}

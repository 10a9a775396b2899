/** The line up to which a replay has published everything and had it confirmed. */
export class ReplayMark {
  #line: number;
  #messages: number;
  /** Lines of the unconfirmed messages, oldest first. */
  #open: number[] = [];
  /** How many messages were confirmed before the oldest of them. */
  #confirmed = 0;
  /** What an earlier replay had published after unconfirmed messages, by the number of messages before. */
  readonly #behind = new Map<number, (() => void)[]>();

  /** @param messages published up to this line */
  constructor(line: number, messages: number) {
    this.#line = line;
    this.#messages = messages;
  }

  get line(): number {
    return this.#line;
  }

  /** Messages up to the line, including those of earlier replays. */
  get messages(): number {
    return this.#messages;
  }

  /** Messages that this replay has published and that are confirmed. */
  get confirmed(): number {
    return this.#confirmed;
  }

  /** The message of this line was sent. */
  published(line: number): void {
    this.#open.push(line);
  }

  /** The message of this line was stored before. @param passed called when the mark reaches it */
  found(line: number, passed: () => void): void {
    const pass = (): void => {
      this.#line = line;
      this.#messages += 1;
      passed();
    };
    const ahead = this.#confirmed + this.#open.length;
    if (this.#open.length === 0) pass();
    else this.#behind.set(ahead, [...(this.#behind.get(ahead) ?? []), pass]);
  }

  /** @param confirmed how many of the sent messages, counted from the first, have arrived */
  settle(confirmed: number): void {
    if (confirmed <= this.#confirmed) return;
    if (this.#behind.size === 0) {
      this.#pass(confirmed);
      return;
    }
    while (this.#confirmed < confirmed) {
      this.#pass(this.#confirmed + 1);
      for (const pass of this.#behind.get(this.#confirmed) ?? []) pass();
      this.#behind.delete(this.#confirmed);
    }
  }

  #pass(confirmed: number): void {
    const count = confirmed - this.#confirmed;
    this.#line = this.#open[count - 1] ?? this.#line;
    this.#open = this.#open.slice(count);
    this.#confirmed = confirmed;
    this.#messages += count;
  }
}

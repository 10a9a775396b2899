const STEP = /\u001b\[(\d*)([A-Za-z])|\u001b\[\?\d+[hl]|\r|\n|[^\u001b\r\n]+/g;

/** What a terminal shows after all that was drawn: its lines, without colours. It knows what natsx draws with. */
export function screenLines(drawn: string): readonly string[] {
  const screen = new Screen();
  for (const [step, amount = '', command] of drawn.matchAll(STEP)) {
    if (command !== undefined) screen.obey(command, amount);
    else if (!step.startsWith('\u001b')) screen.write(step);
  }
  return screen.lines;
}

class Screen {
  readonly lines: string[] = [''];
  #row = 0;
  #column = 0;

  obey(command: string, amount: string): void {
    const line = this.lines[this.#row] ?? '';
    if (command === 'A') this.#row = Math.max(0, this.#row - Number(amount === '' ? 1 : amount));
    if (command === 'G') this.#column = Number(amount === '' ? 1 : amount) - 1;
    if (command === 'J') {
      this.lines.splice(this.#row, this.lines.length, line.slice(0, this.#column));
    }
    if (command === 'K') this.lines[this.#row] = amount === '2' ? '' : line.slice(0, this.#column);
  }

  write(text: string): void {
    if (text === '\r') this.#column = 0;
    else if (text === '\n') this.#row += 1;
    else {
      const line = (this.lines[this.#row] ?? '').padEnd(this.#column);
      const end = this.#column + text.length;
      this.lines[this.#row] = line.slice(0, this.#column) + text + line.slice(end);
      this.#column = end;
    }
    while (this.lines.length <= this.#row) this.lines.push('');
  }
}

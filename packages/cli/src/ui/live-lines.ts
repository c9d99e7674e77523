/** Lines at the end of a terminal that are drawn again and again, with lasting text above them. */
export class LiveLines {
  private readonly stream: NodeJS.WriteStream;
  private drawn = 0;

  constructor(stream: NodeJS.WriteStream) {
    this.stream = stream;
  }

  /** Replaces the live lines, and puts lasting text above them. */
  draw(lines: readonly string[], lasting = ''): void {
    // More lines than the terminal has cannot be reached again by moving up.
    const shown = lines.slice(0, Math.max(1, (this.stream.rows ?? 24) - 1));
    const erase = this.drawn > 0 ? `\u001b[${this.drawn}A\u001b[0J` : '\u001b[0J';
    // Long lines are cut off by the terminal, not wrapped: wrapped ones would not be counted.
    const live = shown.length > 0 ? `\u001b[?7l${shown.join('\n')}\n\u001b[?7h` : '';
    this.stream.write(`${erase}${lasting}${live}`);
    this.drawn = shown.length;
  }
}

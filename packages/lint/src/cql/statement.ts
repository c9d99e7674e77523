/** A statement for Cassandra: its words, since rules need no more. */
export class CqlStatement {
  /** Offset of its first word in the script, in characters. */
  readonly at: number;
  /** Offset after its last character. */
  readonly end: number;
  readonly text: string;
  /** Words in capitals and signs; texts are `'`. */
  private readonly words: readonly string[];
  private readonly names: readonly string[];

  constructor(text: string, at: number, tokens: readonly string[]) {
    this.text = text;
    this.at = at;
    this.end = at + text.length;
    this.words = tokens.map((token) => (token.startsWith("'") ? "'" : token.toUpperCase()));
    this.names = tokens.filter((token) => /^[\w"]/.test(token));
  }

  /** Whether it begins with these words. */
  begins(...words: readonly string[]): boolean {
    return words.every((word, index) => this.words[index] === word);
  }

  /** Whether these words stand in it, one after the other. */
  has(...words: readonly string[]): boolean {
    return this.words.some((_word, start) => words.every((word, index) => this.words[start + index] === word));
  }

  /** The last name in it: what DROP and TRUNCATE name. */
  lastName(): string {
    return (this.names.at(-1) ?? '').replace(/^"|"$/g, '');
  }
}

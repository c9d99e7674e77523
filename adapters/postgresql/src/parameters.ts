import type { Queryable } from './connection.ts';
import { literal } from './identifiers.ts';

/** Takes a value, as text of a type of the server, and gives what stands for it in the statement. */
export type Bind = (text: string, type: string) => string;

/** The parameters of a statement, collected while it is compiled: values travel beside the statement, never inside it. */
export class Parameters {
  readonly values: (string | number | readonly string[] | null)[];
  private readonly types: string[] = [];

  /** @param first Values of the statement's own parameters, which come first. */
  constructor(first: readonly (string | number | readonly string[] | null)[] = []) {
    this.values = [...first];
    this.types.push(...first.map(() => 'text'));
  }

  /** Adds a value and gives its placeholder. */
  readonly bind: Bind = (text, type) => {
    this.values.push(text);
    this.types.push(type);
    return `$${this.values.length}::${type}`;
  };

  /**
   * The values as literals that the server itself has quoted, in order. COPY takes no parameters: its statement is compiled a second
   * time with these in place of the placeholders. The server also checks here that each value is one of its type.
   */
  async quotedByServer(connection: Queryable): Promise<string[]> {
    if (this.values.length === 0) return [];
    const parts = this.types.map((type, index) => `quote_literal($${index + 1}::${type}::text)`);
    const [row] = await connection.texts(`SELECT ${parts.join(', ')}`, this.values);
    return row!.map((text, index) => `${text}::${this.types[index]}`);
  }
}

/** A binder for a second compilation of the same statement, which puts literals where the first one had placeholders. */
export function bindLiterals(literals: readonly string[]): Bind {
  let next = 0;
  return () => literals[next++]!;
}

/** Values as literals quoted by the driver's rules, for DDL, which takes no parameters, and for plans. */
export const inlineLiterals: Bind = (text, type) => `${literal(text)}::${type}`;

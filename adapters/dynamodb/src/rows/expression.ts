import type { AttributeValue, Item } from '../values/attribute.ts';

/** Bytes that one expression of a request may have. */
export const maxExpressionBytes = 4096;

/** Operators and functions that one expression may have. */
export const maxOperators = 300;

/** The names and values of a request's expressions, each under a placeholder: nothing of a user's stands in the text of an expression. */
export class Placeholders {
  private readonly names = new Map<string, string>();
  private readonly values: Item = {};
  private count = 0;

  /** The placeholder of an attribute's name; no part of it is read as a path. */
  name(name: string): string {
    let placeholder = this.names.get(name);
    if (placeholder === undefined) {
      placeholder = `#${this.names.size.toString(36)}`;
      this.names.set(name, placeholder);
    }
    return placeholder;
  }

  /** The placeholder of a value. */
  value(value: AttributeValue): string {
    const placeholder = `:${(this.count++).toString(36)}`;
    this.values[placeholder] = value;
    return placeholder;
  }

  /** What the request has beside its expressions. */
  get input(): { ExpressionAttributeNames?: Record<string, string>; ExpressionAttributeValues?: Item } {
    return {
      ...(this.names.size === 0
        ? {}
        : { ExpressionAttributeNames: Object.fromEntries([...this.names].map(([name, placeholder]) => [placeholder, name])) }),
      ...(this.count === 0 ? {} : { ExpressionAttributeValues: this.values }),
    };
  }
}

/** Whether the service takes an expression of this length. */
export function fits(expression: string, operators: number): boolean {
  return expression.length <= maxExpressionBytes && operators <= maxOperators;
}

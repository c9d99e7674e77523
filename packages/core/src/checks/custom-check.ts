import type { Conditions } from '../operation/condition.ts';
import type { JsonValue } from '../value/json.ts';

/** What a check in TypeScript may ask the store. It reads only. */
export interface CheckReader {
  /** The exact number of rows that meet the conditions. */
  count(collection: string, conditions?: Conditions): Promise<number>;
  /** The first value that a query gives, in the language of the store. Throws UNSUPPORTED_OPERATION where the store has none. */
  query(text: string): Promise<JsonValue>;
}

/** A check in TypeScript, for what data cannot say. */
export interface CustomCheck {
  readonly check: 'function';
  readonly name: string;
  readonly on_failure?: 'fail' | 'warn';
  readonly action?: string;
  /** Gives true where the check passes, else what is wrong. What it throws fails the check. */
  run(reader: CheckReader): Promise<true | string>;
}

/** A kind of name that `lint.naming` may restrict. */
export type NameKind = 'schema' | 'table' | 'column' | 'index' | 'foreign_key' | 'check';

/** A name that a statement gives. */
export interface DefinedName {
  readonly kind: NameKind;
  readonly name: string;
  /** Offset in the script; the beginning of the statement where missing. */
  readonly at?: number | undefined;
}

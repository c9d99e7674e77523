/** One column of the corpus: a type and the values that must survive a crossing. */
export interface CorpusColumn {
  /** The type as in CREATE TABLE; own types are those of `corpusTypes`. */
  readonly type: string;
  /** Values in the type's input form. Null is added to every column. */
  readonly values: readonly string[];
  /** The first major version of PostgreSQL that takes them. Default: every version that is supported. */
  readonly since?: number;
}

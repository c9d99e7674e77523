import type { Level } from './finding.ts';

/** Whose changes a rule reads; `any` are operations of every store, `lint` are the files themselves. */
export type RuleStore =
  | 'postgresql'
  | 'mysql'
  | 'mongodb'
  | 'dynamodb'
  | 'cassandra'
  | 'elasticsearch'
  | 'redis'
  | 'any'
  | 'lint';

/** The manual entry of a rule; each text is one or more full sentences. */
export interface RuleDoc {
  /** What the rule finds. */
  readonly what: string;
  /** Why it is unsafe. */
  readonly why: string;
  /** What is locked, by which lock, and for how long. */
  readonly lock: string;
  /** The way that does it safely: statements or a polyshift operation. */
  readonly safe: string;
}

/** What a rule says of one place. */
export interface Problem {
  /** What is wrong, with the names of the tables and columns. */
  readonly message: string;
  /** For scripts: the offset in characters; the beginning of the statement where missing. */
  readonly at?: number | undefined;
  /** For operations: the path inside the operation, like `['data', 'name']`; the operation itself where missing. */
  readonly path?: readonly PropertyKey[] | undefined;
  /** The safe way for this very case, instead of the one of the manual. */
  readonly safe?: string | undefined;
}

/** What every rule has. */
export interface RuleHead {
  /** The stable code: letters for the store, three digits. */
  readonly code: string;
  /** The name of its file. */
  readonly name: string;
  readonly store: RuleStore;
  /** The level where the configuration does not say; `off` are rules of taste or of strict teams. */
  readonly level: Level | 'off';
  readonly doc: RuleDoc;
}

/** Scripts that show a rule; a test holds the rule to them. Each is a whole file. */
export interface ScriptExamples {
  /** The rule names each of these. */
  readonly unsafe: readonly [string, ...string[]];
  /** The rule is silent about these. */
  readonly safe: readonly [string, ...string[]];
}

/** A rule over the statements of a script. */
export interface StatementRule<Statement, Context> extends RuleHead {
  readonly examples: ScriptExamples;
  check(statement: Statement, context: Context): Iterable<Problem>;
}

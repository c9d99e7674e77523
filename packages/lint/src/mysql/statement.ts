import type { AlterAction } from './alter-action.ts';
import type { Column } from './column.ts';
import type { Key } from './key.ts';

/** How a statement asks the server to work; in capitals, undefined where it does not say. */
export interface OnlineClause {
  readonly algorithm: string | undefined;
  readonly lock: string | undefined;
}

/** What a statement does, as far as rules look into it. */
export type StatementBody =
  | ({ readonly kind: 'alter_table'; readonly table: string; readonly actions: readonly AlterAction[] } & OnlineClause)
  | {
      readonly kind: 'create_table';
      readonly table: string;
      readonly temporary: boolean;
      readonly ifNotExists: boolean;
      /** MariaDB: CREATE OR REPLACE TABLE. */
      readonly replace: boolean;
      readonly columns: readonly Column[];
      readonly keys: readonly Key[];
      /** Options in capitals. */
      readonly options: Readonly<Record<string, string>>;
      /** Whether it takes its columns from another table or a query. */
      readonly derived: boolean;
    }
  | ({ readonly kind: 'create_index'; readonly table: string; readonly key: Key } & OnlineClause)
  | ({ readonly kind: 'drop_index'; readonly table: string; readonly name: string } & OnlineClause)
  /** DROP of anything but an index; the kind in small letters: `table`, `view`, `database`. */
  | { readonly kind: 'drop'; readonly object: string; readonly names: readonly string[]; readonly temporary: boolean }
  | { readonly kind: 'rename_table'; readonly pairs: readonly { readonly old: string; readonly name: string }[] }
  | { readonly kind: 'truncate'; readonly table: string }
  | { readonly kind: 'change_rows'; readonly verb: 'UPDATE' | 'DELETE'; readonly table: string; readonly conditional: boolean }
  | { readonly kind: 'insert'; readonly table: string; readonly fromQuery: boolean }
  | { readonly kind: 'set'; readonly settings: readonly Setting[] }
  | { readonly kind: 'transaction'; readonly verb: 'begin' | 'commit' | 'rollback' | 'savepoint' }
  | { readonly kind: 'lock_tables'; readonly tables: readonly string[]; readonly write: boolean }
  | { readonly kind: 'maintenance'; readonly verb: string; readonly tables: readonly string[] }
  /** CREATE of anything but tables and indexes: `view`, `trigger`, `procedure`, `database`. */
  | {
      readonly kind: 'create_other';
      readonly object: string;
      readonly name: string;
      readonly table: string | undefined;
      readonly replace: boolean;
    }
  /** Anything else, by its first words in capitals. */
  | { readonly kind: 'other'; readonly words: readonly string[] };

/** A variable that SET sets. */
export interface Setting {
  readonly scope: 'session' | 'global' | 'persist';
  /** In small letters. */
  readonly name: string;
  readonly value: string;
}

/** A statement with its place. */
export type MysqlStatement = StatementBody & {
  /** Offset of its first word in the script, in characters. */
  readonly at: number;
  /** Offset after its last character. */
  readonly end: number;
};

import type { StatementKind, StatementNodes } from './tree.ts';

interface StatementPlace {
  /** Offset of its first word in the script, in characters. */
  readonly at: number;
  /** Offset after its last character. */
  readonly end: number;
  /** Its text, without the semicolon. */
  readonly text: string;
  /** The kind in the parse tree, also of statements that no rule looks into. */
  readonly tag: string;
  /** A number that the statements of one transaction share; undefined for a statement that is its own transaction. */
  readonly transaction: number | undefined;
  /** The offset in characters of a location of the parse tree, which is in bytes. */
  offset(location: number | undefined): number | undefined;
}

/** A statement with its parse tree. Those that no rule looks into are of the kind `other`. */
export type PostgresqlStatement =
  | { [Kind in StatementKind]: StatementPlace & { readonly kind: Kind; readonly node: StatementNodes[Kind] } }[StatementKind]
  | (StatementPlace & { readonly kind: 'other'; readonly node: object });

/** Every kind that rules look into; the parser gives all others as `other`. */
export const statementKinds: Readonly<Record<StatementKind, true>> = {
  AlterTableStmt: true,
  CreateStmt: true,
  CreateTableAsStmt: true,
  IndexStmt: true,
  DropStmt: true,
  DropdbStmt: true,
  RenameStmt: true,
  AlterEnumStmt: true,
  AlterObjectSchemaStmt: true,
  AlterDomainStmt: true,
  CreateDomainStmt: true,
  CreateEnumStmt: true,
  VariableSetStmt: true,
  TransactionStmt: true,
  ReindexStmt: true,
  VacuumStmt: true,
  ClusterStmt: true,
  UpdateStmt: true,
  DeleteStmt: true,
  InsertStmt: true,
  SelectStmt: true,
  TruncateStmt: true,
  LockStmt: true,
  RefreshMatViewStmt: true,
  CreateTrigStmt: true,
  ViewStmt: true,
  CreateFunctionStmt: true,
  CreateSchemaStmt: true,
  CreatePolicyStmt: true,
  AlterPolicyStmt: true,
  GrantStmt: true,
  AlterSeqStmt: true,
  AlterRoleStmt: true,
  AlterDatabaseStmt: true,
  AlterDatabaseSetStmt: true,
  AlterSystemStmt: true,
  AlterExtensionStmt: true,
  AlterFunctionStmt: true,
  DoStmt: true,
  CreatedbStmt: true,
};

/** The parts of the parse tree that rules read, as libpg-query gives them. Locations are in bytes of the script. */

/** A list element that is a word. */
export interface Word {
  readonly String: { readonly sval: string };
}

/** Any expression: one key, the kind of the node. */
export type Expression = { readonly [kind: string]: unknown };

/** A table, view, index or sequence by name. */
export interface RangeVar {
  readonly schemaname?: string;
  readonly relname: string;
  /** `t` where it is temporary. */
  readonly relpersistence?: string;
  readonly location?: number;
}

/** A type by name, with its modifiers. */
export interface TypeName {
  readonly names: readonly Word[];
  readonly typmods?: readonly Expression[];
  readonly arrayBounds?: readonly unknown[];
  readonly location?: number;
}

/** A constraint, of a column or a table. */
export interface ConstraintNode {
  readonly contype: string;
  readonly conname?: string;
  readonly skip_validation?: boolean;
  readonly is_enforced?: boolean;
  readonly raw_expr?: Expression;
  readonly generated_kind?: string;
  readonly pktable?: RangeVar;
  readonly pk_attrs?: readonly Word[];
  readonly fk_attrs?: readonly Word[];
  readonly keys?: readonly Word[];
  readonly indexname?: string;
  readonly location?: number;
}

/** A column of CREATE TABLE, ADD COLUMN or ALTER COLUMN TYPE. */
export interface ColumnNode {
  readonly colname?: string;
  readonly typeName?: TypeName;
  readonly constraints?: readonly { readonly Constraint: ConstraintNode }[];
  readonly raw_default?: Expression;
  readonly location?: number;
}

/** The argument of an ALTER TABLE command; one key, its kind. */
export interface CommandArgument {
  readonly ColumnDef?: ColumnNode;
  readonly Constraint?: ConstraintNode;
  readonly PartitionCmd?: {
    readonly name: RangeVar;
    readonly concurrent?: boolean;
    readonly bound?: { readonly is_default?: boolean };
  };
  readonly [kind: string]: unknown;
}

/** One command of ALTER TABLE. */
export interface AlterTableCmd {
  readonly subtype: string;
  readonly name?: string;
  readonly def?: CommandArgument;
  readonly missing_ok?: boolean;
}

/** An option of a statement. */
export interface DefElem {
  readonly DefElem: { readonly defname: string; readonly arg?: Expression; readonly location?: number };
}

/** A name in DROP: words, a type, or a function with its arguments. */
export interface DroppedObject {
  readonly List?: { readonly items: readonly Word[] };
  readonly TypeName?: TypeName;
  readonly String?: { readonly sval: string };
  readonly ObjectWithArgs?: { readonly objname: readonly Word[] };
}

/** The statements that rules look into, by their kind in the parse tree. */
export interface StatementNodes {
  AlterTableStmt: { relation: RangeVar; cmds: readonly { AlterTableCmd: AlterTableCmd }[]; objtype: string };
  CreateStmt: {
    relation: RangeVar;
    tableElts?: readonly { ColumnDef?: ColumnNode; Constraint?: ConstraintNode }[];
    inhRelations?: readonly { RangeVar: RangeVar }[];
    partbound?: { is_default?: boolean };
    if_not_exists?: boolean;
  };
  CreateTableAsStmt: { into: { rel: RangeVar }; objtype: string; if_not_exists?: boolean };
  IndexStmt: {
    idxname?: string;
    relation: RangeVar;
    accessMethod?: string;
    indexParams: readonly { IndexElem: { name?: string; expr?: Expression } }[];
    unique?: boolean;
    concurrent?: boolean;
    if_not_exists?: boolean;
  };
  DropStmt: {
    objects: readonly DroppedObject[];
    removeType: string;
    behavior?: string;
    concurrent?: boolean;
    missing_ok?: boolean;
  };
  DropdbStmt: { dbname: string };
  RenameStmt: { renameType: string; relation?: RangeVar; object?: DroppedObject; subname?: string; newname: string };
  AlterEnumStmt: { typeName: readonly Word[]; oldVal?: string; newVal: string; newValNeighbor?: string };
  AlterObjectSchemaStmt: { objectType: string; relation?: RangeVar; newschema: string };
  AlterDomainStmt: { subtype: string; typeName: readonly Word[]; def?: { Constraint?: ConstraintNode } };
  CreateDomainStmt: { domainname: readonly Word[]; constraints?: readonly { Constraint: ConstraintNode }[] };
  CreateEnumStmt: { typeName: readonly Word[] };
  VariableSetStmt: { kind: string; name?: string; args?: readonly Expression[]; is_local?: boolean };
  TransactionStmt: { kind: string };
  ReindexStmt: { kind: string; relation?: RangeVar; name?: string; params?: readonly DefElem[] };
  VacuumStmt: {
    options?: readonly DefElem[];
    rels?: readonly { VacuumRelation: { relation: RangeVar } }[];
    is_vacuumcmd?: boolean;
  };
  ClusterStmt: { relation?: RangeVar };
  UpdateStmt: {
    relation: RangeVar;
    targetList: readonly { ResTarget: { name: string; location?: number } }[];
    whereClause?: Expression;
  };
  DeleteStmt: { relation: RangeVar; whereClause?: Expression };
  InsertStmt: { relation: RangeVar; cols?: readonly { ResTarget: { name: string; location?: number } }[] };
  SelectStmt: { targetList?: readonly { ResTarget: { val?: Expression } }[] };
  TruncateStmt: { relations: readonly { RangeVar: RangeVar }[]; behavior?: string };
  LockStmt: { relations: readonly { RangeVar: RangeVar }[]; mode: number };
  RefreshMatViewStmt: { relation: RangeVar; concurrent?: boolean };
  CreateTrigStmt: { trigname: string; relation: RangeVar };
  ViewStmt: { view: RangeVar; replace?: boolean; aliases?: readonly Word[] };
  CreateFunctionStmt: { funcname: readonly Word[]; replace?: boolean };
  CreateSchemaStmt: { schemaname: string };
  CreatePolicyStmt: { policy_name: string; table: RangeVar };
  AlterPolicyStmt: { policy_name: string; table: RangeVar };
  GrantStmt: { is_grant?: boolean; objects?: readonly { RangeVar?: RangeVar }[] };
  AlterSeqStmt: { sequence: RangeVar };
  AlterRoleStmt: { role: { rolename?: string } };
  AlterDatabaseStmt: { dbname: string };
  AlterDatabaseSetStmt: { dbname: string };
  AlterSystemStmt: object;
  AlterExtensionStmt: { extname: string };
  AlterFunctionStmt: { func: { objname: readonly Word[] } };
  DoStmt: object;
  CreatedbStmt: { dbname: string };
}

/** The kinds of {@link StatementNodes}. */
export type StatementKind = keyof StatementNodes;

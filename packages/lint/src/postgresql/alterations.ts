import { type Column, columnOf } from './column.ts';
import { tableName } from './names.ts';
import type { PostgresqlStatement } from './statement.ts';
import type { AlterTableCmd, CommandArgument, ConstraintNode } from './tree.ts';

/** One command of an ALTER TABLE. */
export interface Alteration {
  /** The table that is altered. */
  readonly table: string;
  /** The kind in the parse tree: `AT_AddColumn`. */
  readonly subtype: string;
  /** The column, constraint or trigger that it names; empty where it names none. */
  readonly name: string;
  readonly argument: CommandArgument | undefined;
  readonly command: AlterTableCmd;
  /** Offset in the script; undefined where the parser gives none. */
  readonly at: number | undefined;
}

/** What was read of a statement already: many rules ask for the same. */
const known = new WeakMap<PostgresqlStatement, readonly Alteration[]>();

/** The commands of an ALTER TABLE statement, in order; none for other statements. */
export function alterations(statement: PostgresqlStatement): readonly Alteration[] {
  if (statement.kind !== 'AlterTableStmt' || statement.node.objtype !== 'OBJECT_TABLE') return [];
  const found = known.get(statement) ?? readAlterations(statement);
  known.set(statement, found);
  return found;
}

function readAlterations(statement: PostgresqlStatement & { kind: 'AlterTableStmt' }): Alteration[] {
  const { relation, cmds } = statement.node;
  return cmds.map(({ AlterTableCmd: command }) => {
    const { def } = command;
    const location = def?.Constraint?.location ?? (def?.ColumnDef?.colname ? def.ColumnDef.location : undefined);
    return {
      table: tableName(relation),
      subtype: command.subtype,
      name: command.name ?? '',
      argument: def,
      command,
      at: statement.offset(location) ?? nameOffset(statement, command.name),
    };
  });
}

/** A column that ADD COLUMN adds. */
export interface AddedColumn {
  readonly table: string;
  readonly column: Column;
  readonly ifNotExists: boolean;
  readonly at: number | undefined;
}

/** The columns that a statement adds to a table. */
export function addedColumns(statement: PostgresqlStatement): AddedColumn[] {
  return alterations(statement).flatMap(({ subtype, table, argument, command, at }) =>
    subtype === 'AT_AddColumn' && argument?.ColumnDef
      ? [{ table, column: columnOf(argument.ColumnDef), ifNotExists: command.missing_ok ?? false, at }]
      : [],
  );
}

/** A constraint that ADD CONSTRAINT or ADD COLUMN adds. */
export interface AddedConstraint {
  readonly table: string;
  readonly constraint: ConstraintNode;
  /** The column that it stands at, where it came with ADD COLUMN. */
  readonly column: Column | undefined;
  readonly at: number | undefined;
}

/** The constraints that a statement adds to a table, those of added columns included. */
export function addedConstraints(statement: PostgresqlStatement): AddedConstraint[] {
  return alterations(statement).flatMap(({ subtype, table, argument, at }): AddedConstraint[] => {
    if (subtype === 'AT_AddConstraint' && argument?.Constraint)
      return [{ table, constraint: argument.Constraint, column: undefined, at }];
    if (subtype !== 'AT_AddColumn' || !argument?.ColumnDef) return [];
    const column = columnOf(argument.ColumnDef);
    return column.constraints.map((constraint) => ({
      table,
      constraint,
      column,
      at: statement.offset(constraint.location) ?? at,
    }));
  });
}

/** Where a name stands in the statement for the first time after its beginning. */
function nameOffset(statement: PostgresqlStatement, name: string | undefined): number | undefined {
  if (!name) return undefined;
  const found = new RegExp(`(?<![\\w"])"?${name.replace(/[^\w]/g, '\\$&')}(?![\\w])`, 'i').exec(statement.text);
  return found ? statement.at + found.index : undefined;
}

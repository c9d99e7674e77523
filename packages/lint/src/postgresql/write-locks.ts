import { alterations } from './alterations.ts';
import { tableName } from './names.ts';
import type { PostgresqlStatement } from './statement.ts';

/** Commands of ALTER TABLE that leave reads and writes alone. */
const lightCommands = new Set([
  'AT_ValidateConstraint',
  'AT_SetStatistics',
  'AT_SetRelOptions',
  'AT_ResetRelOptions',
  'AT_SetOptions',
  'AT_ResetOptions',
  'AT_ClusterOn',
  'AT_DropCluster',
]);

/** The tables on which a statement takes a lock that blocks writes; names of indexes and views where only those are named. */
export function writeLocked(statement: PostgresqlStatement): string[] {
  switch (statement.kind) {
    case 'AlterTableStmt': {
      const heavy = alterations(statement).filter(({ subtype, argument }) => {
        if (subtype === 'AT_DetachPartition') return !argument?.PartitionCmd?.concurrent;
        return !lightCommands.has(subtype);
      });
      return [...new Set(heavy.map(({ table }) => table))];
    }
    case 'IndexStmt':
      return statement.node.concurrent ? [] : [tableName(statement.node.relation)];
    case 'DropStmt':
      if (statement.node.concurrent || !/_(TABLE|INDEX|TRIGGER|POLICY|MATVIEW|VIEW)$/.test(statement.node.removeType)) return [];
      return statement.node.objects.map((object) => {
        const parts = object.List?.items.map((word) => word.String.sval) ?? [];
        const named = /_(TRIGGER|POLICY)$/.test(statement.node.removeType) ? parts.slice(0, -1) : parts;
        return (named[0] === 'public' ? named.slice(1) : named).join('.');
      });
    case 'RenameStmt':
      return statement.node.relation && /_(TABLE|COLUMN|TABCONSTRAINT|TRIGGER)$/.test(statement.node.renameType)
        ? [tableName(statement.node.relation)]
        : [];
    case 'AlterObjectSchemaStmt':
    case 'ClusterStmt':
      return statement.node.relation ? [tableName(statement.node.relation)] : [];
    case 'CreateTrigStmt':
      return [tableName(statement.node.relation)];
    case 'RefreshMatViewStmt':
      return statement.node.concurrent ? [] : [tableName(statement.node.relation)];
    case 'CreatePolicyStmt':
    case 'AlterPolicyStmt':
      return [tableName(statement.node.table)];
    case 'TruncateStmt':
      return statement.node.relations.map(({ RangeVar }) => tableName(RangeVar));
    case 'LockStmt':
      return statement.node.mode >= 5 ? statement.node.relations.map(({ RangeVar }) => tableName(RangeVar)) : [];
    case 'VacuumStmt':
      return isFull(statement) ? (statement.node.rels ?? []).map(({ VacuumRelation }) => tableName(VacuumRelation.relation)) : [];
    default:
      return [];
  }
}

/** Whether it is VACUUM FULL. */
export function isFull(statement: PostgresqlStatement): boolean {
  return statement.kind === 'VacuumStmt' && (statement.node.options ?? []).some(({ DefElem }) => DefElem.defname === 'full');
}

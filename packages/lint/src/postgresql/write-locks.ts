import { addedConstraints, alterations } from './alterations.ts';
import { tableName } from './names.ts';
import type { PostgresqlStatement } from './statement.ts';
import type { StatementNodes } from './tree.ts';

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
    case 'AlterTableStmt':
      return alteredTables(statement);
    case 'CreateStmt':
      return createdUpon(statement.node);
    case 'ReindexStmt': {
      const concurrent = (statement.node.params ?? []).some(({ DefElem }) => DefElem.defname === 'concurrently');
      return statement.node.relation && !concurrent ? [tableName(statement.node.relation)] : [];
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
      return statement.node.relation && /_(TABLE|COLUMN|TABCONSTRAINT|TRIGGER|VIEW|MATVIEW)$/.test(statement.node.renameType)
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

/** The table that is altered, unless every command leaves others alone, and those that its new foreign keys and partitions bring in. */
function alteredTables(statement: PostgresqlStatement & { kind: 'AlterTableStmt' }): string[] {
  if (/_(VIEW|MATVIEW)$/.test(statement.node.objtype)) return [tableName(statement.node.relation)];
  const tables = alterations(statement).flatMap(({ table, subtype, argument }) => {
    const partition = argument?.PartitionCmd;
    if (subtype === 'AT_AttachPartition' && partition) return [tableName(partition.name)];
    if (subtype === 'AT_DetachPartition' && partition) return partition.concurrent ? [] : [table, tableName(partition.name)];
    return lightCommands.has(subtype) ? [] : [table];
  });
  const referenced = addedConstraints(statement).flatMap(({ constraint }) =>
    constraint.pktable ? tableName(constraint.pktable) : [],
  );
  return [...new Set([...tables, ...referenced])];
}

/** The tables in use that a new table locks: those that its foreign keys point to, and the one that it is a partition of. */
function createdUpon({ tableElts = [], inhRelations = [], partbound }: StatementNodes['CreateStmt']): string[] {
  const constraints = tableElts.flatMap(({ ColumnDef, Constraint }) => [
    ...(Constraint ? [Constraint] : []),
    ...(ColumnDef?.constraints ?? []).map((each) => each.Constraint),
  ]);
  const referenced = constraints.flatMap(({ pktable }) => (pktable ? tableName(pktable) : []));
  const parents = partbound ? inhRelations.map(({ RangeVar }) => tableName(RangeVar)) : [];
  return [...new Set([...referenced, ...parents])];
}

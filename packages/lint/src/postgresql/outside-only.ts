import { alterations } from './alterations.ts';
import type { PostgresqlStatement } from './statement.ts';

/** What a statement is that no transaction may hold; undefined for all others. */
export function outsideOnly(statement: PostgresqlStatement): string | undefined {
  switch (statement.kind) {
    case 'IndexStmt':
      return statement.node.concurrent ? 'CREATE INDEX CONCURRENTLY' : undefined;
    case 'DropStmt':
      return statement.node.concurrent ? 'DROP INDEX CONCURRENTLY' : undefined;
    case 'ReindexStmt':
      if (/_(SCHEMA|SYSTEM|DATABASE)$/.test(statement.node.kind)) return 'REINDEX of a schema or database';
      return (statement.node.params ?? []).some(({ DefElem }) => DefElem.defname === 'concurrently')
        ? 'REINDEX CONCURRENTLY'
        : undefined;
    case 'AlterTableStmt':
      return alterations(statement).some(({ argument }) => argument?.PartitionCmd?.concurrent)
        ? 'DETACH PARTITION CONCURRENTLY'
        : undefined;
    case 'VacuumStmt':
      return statement.node.is_vacuumcmd ? 'VACUUM' : undefined;
    case 'AlterSystemStmt':
      return 'ALTER SYSTEM';
    case 'CreatedbStmt':
      return 'CREATE DATABASE';
    case 'DropdbStmt':
      return 'DROP DATABASE';
    default:
      return undefined;
  }
}

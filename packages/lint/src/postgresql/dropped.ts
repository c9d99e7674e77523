import { objectName } from './names.ts';
import type { PostgresqlStatement } from './statement.ts';

/** The names of what a DROP drops, where it is of one of these kinds (`OBJECT_VIEW`); none for other statements. */
export function dropped(statement: PostgresqlStatement, ...kinds: readonly string[]): string[] {
  if (statement.kind !== 'DropStmt' || !kinds.includes(statement.node.removeType)) return [];
  return statement.node.objects.map(objectName);
}

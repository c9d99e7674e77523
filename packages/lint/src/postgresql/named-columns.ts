import { createdColumns } from './created-columns.ts';
import type { PostgresqlStatement } from './statement.ts';

/** The columns that a statement names in a list where each may stand once. */
export function namedColumns(statement: PostgresqlStatement): { name: string; at: number | undefined }[] {
  const targets = (list: readonly { ResTarget: { name: string; location?: number; indirection?: unknown } }[]) =>
    list.flatMap(({ ResTarget }) =>
      // SET a.b = ... and SET a[1] = ... name a part.
      ResTarget.indirection === undefined ? [{ name: ResTarget.name, at: statement.offset(ResTarget.location) }] : [],
    );
  if (statement.kind === 'UpdateStmt') return targets(statement.node.targetList);
  if (statement.kind === 'InsertStmt') return targets(statement.node.cols ?? []);
  if (statement.kind === 'CreateStmt') return createdColumns(statement).map(({ column, at }) => ({ name: column.name, at }));
  return [];
}

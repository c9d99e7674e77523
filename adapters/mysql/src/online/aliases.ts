import type { Connection, Queryable } from '../connection.ts';
import { literal } from '../identifiers.ts';
import type { OnlineUndo } from './names.ts';

const kind = 'online_alias';

/**
 * Names under which applications still reach a table that was a new version once: views over it that polyshift has made. They stay until the next
 * online change of the table ends the version that uses them.
 */
export async function aliasesOf(connection: Queryable, { schema, name }: Pick<OnlineUndo, 'schema' | 'name'>): Promise<string[]> {
  const prefix = `${schema}.${name}/`;
  const rows = await connection.rows<{ record: string }>(
    `SELECT record FROM polyshift_records WHERE kind = ${literal(kind)} AND LEFT(name, ${[...prefix].length}) = ${literal(prefix)}`,
  );
  return rows.map(({ record }) => record);
}

/** Keeps the name of such a view. Idempotent. */
export async function rememberAlias(connection: Connection, undo: OnlineUndo): Promise<void> {
  await connection.execute(
    `INSERT INTO polyshift_records VALUES (${literal(kind)}, ${literal(keyOf(undo, undo.new_name))}, ${literal(undo.new_name)}, UTC_TIMESTAMP(6))
     ON DUPLICATE KEY UPDATE record = VALUES(record)`,
  );
}

/** Forgets one that was dropped. */
export async function forgetAlias(connection: Connection, undo: OnlineUndo, alias: string): Promise<void> {
  await connection.execute(
    `DELETE FROM polyshift_records WHERE kind = ${literal(kind)} AND name = ${literal(keyOf(undo, alias))}`,
  );
}

function keyOf({ schema, name }: OnlineUndo, alias: string): string {
  return `${schema}.${name}/${alias}`;
}

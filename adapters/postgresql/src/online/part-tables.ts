import { type Operation, PolyshiftError, type RunContext } from '@polyshift/core';
import { readColumns, readTable, requireColumn, type Table, type TableColumn, withQualifiedNames } from '../catalog/table.ts';
import { checkLength, tableByOid, tableIn } from '../catalog/table-name.ts';
import type { Connection } from '../database.ts';
import { deleteMark, readMark, writeMark } from '../handler/marks.ts';
import { quote, quoteList, quoteQualified } from '../identifiers.ts';
import { createFunctionsOf } from './connect-parts.ts';
import type { Mapping } from './mapping.ts';
import type { OnlineNames } from './names.ts';
import { publicationsOf } from './publications.ts';
import type { Relation } from './relation.ts';

/** The mark of the tables that a split has made; they are dropped by their oids, so that nobody else's can be. */
const mark = 'split_tables';

type Change = Operation<'online_change'>;

/** The name of a table that is split off; it stands where the old version stands. */
export function splitName(into: string, schema: string): string {
  return checkLength(into.startsWith(`${schema}.`) ? into.slice(schema.length + 1) : into);
}

/** Fields of the old version that the new one has not got because they are split off. */
export function splitFields({ data }: Change): string[] {
  return (data.split ?? []).flatMap(({ fields }) => fields);
}

/** Throws ALREADY_EXISTS where a table that shall be split off is there. */
export async function refuseTakenParts(connection: Connection, { data }: Change, schema: string): Promise<void> {
  for (const { into } of data.split ?? []) {
    const name = splitName(into, schema);
    if (!(await tableIn(connection, schema, name))) continue;
    throw new PolyshiftError('ALREADY_EXISTS', `The table ${schema}.${name}, which shall be split off, is there already.`, {
      hint: 'Rename or drop it, or give the new one another name.',
    });
  }
}

/** Makes the tables that are split off, empty, and takes their fields out of the empty new version. */
export async function createSplitTables(
  connection: Connection,
  run: RunContext,
  { data }: Change,
  old: Table,
  names: OnlineNames,
  key: readonly string[],
): Promise<void> {
  const oids: number[] = [];
  for (const { into, fields, key: named = key } of data.split ?? []) {
    const name = splitName(into, old.schema);
    const sql = quoteQualified(old.schema, name);
    const keys = key.map((each, at) => columnAs(requireColumn(old, each), named[at]!, ' NOT NULL'));
    const moved = old.columns.filter((column) => fields.includes(column.name)).map((column) => columnAs(column, column.name, ''));
    await connection.execute(
      `CREATE ${await persistence(connection, old)}TABLE ${sql} (${[...keys, ...moved].join(', ')}, PRIMARY KEY (${quoteList(named)}))`,
    );
    const made = (await tableIn(connection, old.schema, name))!;
    await withQualifiedNames(connection, async () => {
      for (const { statement } of await connection.rows<{ statement: string }>(rights, [old.oid, made.sql]))
        await connection.execute(statement);
    });
    oids.push(made.oid);
    await connection.execute(`ALTER TABLE ${names.newSql} ${fields.map((field) => `DROP COLUMN ${quote(field)}`).join(', ')}`);
  }
  if (oids.length > 0) await writeMark(connection, run.aside, mark, { oids });
}

/** Drops the tables that a split has made. Idempotent. */
export async function dropSplitTables(connection: Connection, aside: string): Promise<void> {
  const { oids } = ((await readMark(connection, aside, mark)) ?? { oids: [] }) as { oids: number[] };
  for (const oid of oids) {
    const table = await tableByOid(connection, oid);
    if (table) await connection.execute(`DROP TABLE ${table.sql}`);
  }
  await deleteMark(connection, aside, mark);
}

function columnAs({ native, collation }: TableColumn, name: string, rest: string): string {
  return `${quote(name)} ${native}${collation === undefined ? '' : ` COLLATE ${collation}`}${rest}`;
}

async function persistence(connection: Connection, old: Table): Promise<string> {
  const row = await connection.row<{ unlogged: boolean }>(
    `SELECT relpersistence = 'u' AS unlogged FROM pg_class WHERE oid = $1`,
    [old.oid],
  );
  return row!.unlogged ? 'UNLOGGED ' : '';
}

/** Whoever may write to the old version may write to what is split off it. */
const rights = `SELECT format('ALTER TABLE %s OWNER TO %s', $2::text, relowner::regrole) AS statement FROM pg_class WHERE oid = $1 AND pg_get_userbyid(relowner) <> current_user
UNION ALL SELECT format('GRANT %s ON %s TO %s%s', a.privilege_type, $2::text, CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END, CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
FROM pg_class c, aclexplode(c.relacl) AS a WHERE c.oid = $1`;

/**
 * Adds the fields of merged tables to the new version, behind the operations, which have nothing to do with them, and makes the functions of every
 * relation.
 */
export async function relate(
  connection: Connection,
  { data }: Change,
  old: Table,
  names: OnlineNames,
  mapping: Mapping,
): Promise<Relation[]> {
  const relations: Relation[] = [];
  const retyped = mapping.key.find((each) => each.oldType !== each.newType);
  if (retyped && ((data.split ?? []).length > 0 || (data.merge ?? []).length > 0)) {
    throw new PolyshiftError(
      'ONLINE_REFUSED',
      `${retyped.old} identifies the rows of ${old.name}, and cannot change its type in the change that splits or merges it.`,
      { hint: 'Change its type in a migration of its own.' },
    );
  }
  for (const { into, fields, key: named } of data.split ?? []) {
    const table = (await tableIn(connection, old.schema, splitName(into, old.schema)))!;
    relations.push({
      index: relations.length,
      kind: 'split',
      schema: table.schema,
      table: table.name,
      oid: table.oid,
      key: mapping.key.map((each, at) => ({
        hub: each.old,
        part: named?.[at] ?? each.old,
        type: each.oldType,
        equal: each.oldEqual,
      })),
      fields: [...fields],
    });
  }
  for (const { from, fields: given, key: named } of data.merge ?? []) {
    const table = await readTable(connection, from);
    const key = named ?? table.rowKey;
    const fields = mergedFields(table, given, key);
    const added = fields.map((field) => `ADD COLUMN ${columnAs(requireColumn(table, field), field, '')}`);
    await connection.execute(`ALTER TABLE ${names.newSql} ${added.join(', ')}`);
    relations.push({
      index: relations.length,
      kind: 'merge',
      schema: table.schema,
      table: table.name,
      oid: table.oid,
      key: mapping.key.map((each, at) => ({ hub: each.new, part: key[at]!, type: each.newType, equal: each.newEqual })),
      fields,
    });
  }
  await createFunctionsOf(connection, names, old, relations);
  return relations;
}

/** The fields of a merged table that the new version gets. */
export function mergedFields(table: Table, given: readonly string[] | undefined, key: readonly string[]): string[] {
  return table.columns.map(({ name }) => name).filter((name) => given?.includes(name) ?? !key.includes(name));
}

/** A part as it is now. Throws CHECK_FAILED where it is another table by now. */
export async function readPart(connection: Connection, { schema, table, oid }: Relation): Promise<Table> {
  const found = await tableIn(connection, schema, table);
  if (found?.oid === oid) return await readColumns(connection, found);
  throw new PolyshiftError('CHECK_FAILED', `${schema}.${table} is not the table any more that the change has begun with`);
}

/** Puts merged tables aside, where they go with the old version that they refer to; publications send them no more. */
export async function putMergedAside(connection: Connection, names: OnlineNames, relations: readonly Relation[]): Promise<void> {
  for (const relation of relations) {
    if (relation.kind === 'split') continue;
    const { oid, sql } = await readPart(connection, relation);
    for (const name of await publicationsOf(connection, oid))
      await connection.execute(`ALTER PUBLICATION ${name} DROP TABLE ${sql}`);
    await connection.execute(`ALTER TABLE ${sql} SET SCHEMA ${quote(names.aside)}`);
  }
}

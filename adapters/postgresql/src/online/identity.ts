import type { Table } from '../catalog/table.ts';
import type { Connection } from '../database.ts';
import { quote, quoteQualified } from '../identifiers.ts';
import type { Mapping } from './mapping.ts';
import type { OnlineNames } from './names.ts';

/** The sequence behind a column that the store numbers. */
interface Sequence {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** As ADD GENERATED takes it, but where it goes on. */
  readonly options: string;
}

/**
 * Lets the new version draw its numbers from the sequence of the old one, so that keys never meet. A function draws them, because whoever may insert
 * needs no right to the sequence of an identity.
 */
export async function shareSequences(connection: Connection, names: OnlineNames, old: Table, mapping: Mapping): Promise<void> {
  for (const [index, { column, sequence }] of (await identities(connection, old, mapping)).entries()) {
    const name = names.nextValue(index);
    await connection.execute(
      `CREATE FUNCTION ${name}() RETURNS bigint LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
       AS 'SELECT nextval(${sequence.oid}::oid::regclass)'`,
    );
    await connection.execute(`ALTER TABLE ${names.newSql} ALTER COLUMN ${quote(column)} SET DEFAULT ${name}()`);
  }
}

/** The columns of the new version that are an identity in the old one. */
async function identities(connection: Connection, old: Table, mapping: Mapping) {
  const found: { column: string; always: boolean; sequence: Sequence }[] = [];
  for (const { name, generated } of old.columns) {
    if (generated !== 'identity_always' && generated !== 'identity_by_default') continue;
    const fresh = mapping.newColumns.find((each) => each.old === name && each.carried !== 'derived');
    if (!fresh) continue;
    const sequence = await connection.row<Sequence & Record<string, unknown>>(
      `SELECT s.seqrelid AS oid, n.nspname AS schema, c.relname AS name,
         format('START WITH %s INCREMENT BY %s %s %s CACHE %s%s', s.seqstart, s.seqincrement,
           CASE WHEN s.seqmax IN (32767, 2147483647, 9223372036854775807) THEN '' ELSE 'MAXVALUE ' || s.seqmax END,
           CASE WHEN s.seqmin = 1 THEN '' WHEN s.seqmin IN (-32768, -2147483648) THEN '' ELSE 'MINVALUE ' || s.seqmin END,
           s.seqcache, CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END) AS options
       FROM pg_depend d JOIN pg_sequence s ON s.seqrelid = d.objid JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
       WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'i' AND d.refobjid = $1 AND a.attname = $2`,
      [old.oid, name],
    );
    found.push({ column: fresh.name, always: generated === 'identity_always', sequence: sequence! });
  }
  return found;
}

/** Makes the columns an identity again, which goes on where the old one stands. Nobody may draw numbers meanwhile. */
export async function takeOverIdentities(
  connection: Connection,
  names: OnlineNames,
  old: Table,
  mapping: Mapping,
): Promise<void> {
  for (const { column, always, sequence } of await identities(connection, old, mapping)) {
    const at = await connection.row<{ last: string; called: boolean }>(
      `SELECT last_value::text AS last, is_called AS called FROM ${quoteQualified(sequence.schema, sequence.name)}`,
    );
    const alter = `ALTER TABLE ${names.newSql} ALTER COLUMN ${quote(column)}`;
    const name = quoteQualified(names.versionSchema, sequence.name);
    await connection.execute(`${alter} DROP DEFAULT`);
    await connection.execute(
      `${alter} ADD GENERATED ${always ? 'ALWAYS' : 'BY DEFAULT'} AS IDENTITY (SEQUENCE NAME ${name} ${sequence.options})`,
    );
    await connection.rows('SELECT setval($1::regclass, $2::bigint, $3)', [name, at!.last, at!.called]);
  }
}

/** The sequences that a column of the old version owns and the new one draws from too, with the column that shall own them. */
export async function ownedSequences(
  connection: Connection,
  old: Table,
  mapping: Mapping,
): Promise<{ sequence: string; name: string; column: string }[]> {
  const rows = await connection.rows<{ schema: string; name: string; column: string }>(
    `SELECT n.nspname AS schema, c.relname AS name, a.attname AS column
     FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S' JOIN pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
     WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'a' AND d.refobjid = $1`,
    [old.oid],
  );
  return rows.flatMap(({ schema, name, column }) => {
    const fresh = mapping.newColumns.find((each) => each.old === column);
    return fresh ? [{ sequence: quoteQualified(schema, name), name, column: fresh.name }] : [];
  });
}

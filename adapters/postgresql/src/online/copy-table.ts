import { PolyshiftError } from '@polyshift/core';
import { asideColumnPrefix, type Table, withQualifiedNames } from '../catalog/table.ts';
import type { Connection } from '../database.ts';
import { quote } from '../identifiers.ts';
import { definitionBody } from '../indexes/build.ts';
import type { OnlineNames } from './names.ts';

/**
 * Makes an empty table of the same name, columns, indexes, constraints, options, owner and rights in the schema of the new version. Triggers are not
 * copied, nor do other tables refer to it; an identity becomes a plain column.
 */
export async function copyTable(connection: Connection, table: Table, names: OnlineNames): Promise<number> {
  const { newSql } = names;
  const kind = await connection.row<{ unlogged: boolean; method: string; tablespace: string | null }>(
    `SELECT c.relpersistence = 'u' AS unlogged, quote_ident(a.amname) AS method, quote_ident(t.spcname) AS tablespace
     FROM pg_class c JOIN pg_am a ON a.oid = c.relam LEFT JOIN pg_tablespace t ON t.oid = c.reltablespace WHERE c.oid = $1`,
    [table.oid],
  );
  const { unlogged, method, tablespace } = kind!;
  await connection.execute(
    `CREATE ${unlogged ? 'UNLOGGED ' : ''}TABLE ${newSql} (LIKE ${table.sql} INCLUDING ALL EXCLUDING IDENTITY) USING ${method}${tablespace === null ? '' : ` TABLESPACE ${tablespace}`}`,
  );
  const made = await connection.row<{ oid: number }>('SELECT $1::regclass::oid AS oid', [newSql]);
  const { oid } = made!;
  await nameIndexes(connection, table.oid, oid, names);
  await withQualifiedNames(connection, async () => {
    for (const read of [hiddenColumns, options, columnOptions, statistics, foreignKeys, notValid, rights])
      for (const { statement } of await connection.rows<{ statement: string }>(read, [table.oid, oid]))
        await connection.execute(statement);
  });
  return oid;
}

type Named = {
  oid: number;
  name: string;
  unique: boolean;
  definition: string;
  constraint: string | null;
  clustered: boolean;
  identity: boolean;
};

const indexesOf = `SELECT i.indexrelid AS oid, c.relname AS name, i.indisunique AS unique, pg_get_indexdef(i.indexrelid) AS definition,
  (SELECT contype::text FROM pg_constraint WHERE conindid = i.indexrelid AND contype IN ('p', 'u', 'x')) AS constraint,
  i.indisclustered AS clustered, i.indisreplident AS identity
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = $1 ORDER BY i.indexrelid`;

/** LIKE gives names of its own: each index gets the name of the one that it is a copy of. */
async function nameIndexes(connection: Connection, from: number, to: number, names: OnlineNames): Promise<void> {
  const originals = (await connection.rows<Named>(indexesOf, [from])).map((each) => ({ ...each, body: bodyOf(each) }));
  const copies = (await connection.rows<Named>(indexesOf, [to])).map((each) => ({ ...each, body: bodyOf(each) }));
  const schema = quote(names.versionSchema);
  const renamed: { interim: string; name: string }[] = [];
  for (const original of originals) {
    const at = copies.findIndex(({ body }) => body === original.body);
    const [copy] = at < 0 ? [] : copies.splice(at, 1);
    if (!copy) throw new PolyshiftError('UNSUPPORTED_OPERATION', `The index ${original.name} cannot be copied.`);
    // Two names may be each other's.
    const interim = `polyshift_${copy.oid}`;
    await connection.execute(`ALTER INDEX ${schema}.${quote(copy.name)} RENAME TO ${quote(interim)}`);
    renamed.push({ interim, name: original.name });
  }
  for (const { interim, name } of renamed)
    await connection.execute(`ALTER INDEX ${schema}.${quote(interim)} RENAME TO ${quote(name)}`);
  for (const { name, clustered, identity } of originals) {
    if (clustered) await connection.execute(`ALTER TABLE ${names.newSql} CLUSTER ON ${quote(name)}`);
    if (identity) await connection.execute(`ALTER TABLE ${names.newSql} REPLICA IDENTITY USING INDEX ${quote(name)}`);
  }
}

function bodyOf({ unique, constraint, definition }: Named): string {
  return `${unique} ${constraint} ${definitionBody(definition).replace(/^.*? USING /s, 'USING ')}`;
}

const copied = `(SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $2::oid)`;

/** What earlier migrations keep aside in the old version has no place in the new one. */
const hiddenColumns = `SELECT format('ALTER TABLE %s DROP COLUMN %I', ${copied}, attname) AS statement
FROM pg_attribute WHERE attrelid = $1 AND starts_with(attname, '${asideColumnPrefix}') AND NOT attisdropped`;

const options = `SELECT format('ALTER TABLE %s SET (%s)', ${copied}, string_agg(format('%s = %L', k, v), ', ')) AS statement FROM (
    SELECT split_part(o, '=', 1) AS k, substr(o, strpos(o, '=') + 1) AS v FROM pg_class c, unnest(c.reloptions) AS o WHERE c.oid = $1
    UNION ALL SELECT 'toast.' || split_part(o, '=', 1), substr(o, strpos(o, '=') + 1) FROM pg_class c JOIN pg_class t ON t.oid = c.reltoastrelid, unnest(t.reloptions) AS o WHERE c.oid = $1
  ) AS all_options HAVING count(*) > 0
UNION ALL SELECT format('COMMENT ON TABLE %s IS %L', ${copied}, d) FROM obj_description($1::oid, 'pg_class') AS d WHERE d IS NOT NULL
UNION ALL SELECT format('ALTER TABLE %s REPLICA IDENTITY %s', ${copied}, CASE relreplident WHEN 'f' THEN 'FULL' ELSE 'NOTHING' END) FROM pg_class WHERE oid = $1 AND relreplident IN ('f', 'n')`;

const columnOptions = `SELECT format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS %s', ${copied}, attname, attstattarget) AS statement FROM pg_attribute
  WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped AND attstattarget >= 0 AND NOT starts_with(attname, '${asideColumnPrefix}')
UNION ALL SELECT format('ALTER TABLE %s ALTER COLUMN %I SET (%s)', ${copied}, attname, array_to_string(attoptions, ', ')) FROM pg_attribute
  WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped AND attoptions IS NOT NULL AND NOT starts_with(attname, '${asideColumnPrefix}')`;

/** Extended statistics get names of their own too; those that have the same definition are the copies. */
const statistics = `SELECT format('ALTER STATISTICS %I.%I RENAME TO %I', n.nspname, c.stxname, o.stxname) AS statement
FROM (SELECT stxname, row_number() OVER (ORDER BY oid) AS nr FROM pg_statistic_ext WHERE stxrelid = $1) AS o
JOIN (SELECT stxname, stxnamespace, row_number() OVER (ORDER BY oid) AS nr FROM pg_statistic_ext WHERE stxrelid = $2) AS c ON c.nr = o.nr
JOIN pg_namespace n ON n.oid = c.stxnamespace WHERE c.stxname <> o.stxname`;

/** The table's own keys; one that refers to the table itself refers to the new version there. */
const foreignKeys = `SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s', ${copied}, c.conname,
    CASE WHEN c.confrelid = c.conrelid THEN replace(pg_get_constraintdef(c.oid), ' REFERENCES ' || c.confrelid::regclass::text || '(', ' REFERENCES ' || ${copied} || '(') ELSE pg_get_constraintdef(c.oid) END) AS statement
FROM pg_constraint c WHERE c.conrelid = $1 AND $2::oid > 0 AND c.contype = 'f'
UNION ALL SELECT format('COMMENT ON CONSTRAINT %I ON %s IS %L', c.conname, ${copied}, obj_description(c.oid, 'pg_constraint'))
FROM pg_constraint c WHERE c.conrelid = $1 AND c.contype = 'f' AND obj_description(c.oid, 'pg_constraint') IS NOT NULL`;

/** Checks that rows from before need not meet: LIKE would demand it of them. */
const notValid = `SELECT format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %I %s', ${copied}, c.conname, c.conname, pg_get_constraintdef(c.oid)) AS statement
FROM pg_constraint c WHERE c.conrelid = $1 AND c.contype = 'c' AND NOT c.convalidated
UNION ALL SELECT format('COMMENT ON CONSTRAINT %I ON %s IS %L', c.conname, ${copied}, obj_description(c.oid, 'pg_constraint'))
FROM pg_constraint c WHERE c.conrelid = $1 AND c.contype = 'c' AND NOT c.convalidated AND obj_description(c.oid, 'pg_constraint') IS NOT NULL`;

const rights = `SELECT format('ALTER TABLE %s OWNER TO %s', ${copied}, relowner::regrole) AS statement FROM pg_class WHERE oid = $1 AND pg_get_userbyid(relowner) <> current_user
UNION ALL SELECT format('GRANT %s ON %s TO %s%s', a.privilege_type, ${copied}, CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END, CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
FROM pg_class c, aclexplode(c.relacl) AS a WHERE c.oid = $1
UNION ALL SELECT format('GRANT %s (%I) ON %s TO %s%s', a.privilege_type, t.attname, ${copied}, CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END, CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
FROM pg_attribute t, aclexplode(t.attacl) AS a WHERE t.attrelid = $1 AND t.attnum > 0 AND NOT t.attisdropped AND NOT starts_with(t.attname, '${asideColumnPrefix}')`;

import { isPolyshiftError, PolyshiftError } from '@polyshift/core';
import { type Table, withQualifiedNames } from '../catalog/table.ts';
import type { Queryable } from '../connection.ts';
import { literal, quote, quoteList, quoteQualified } from '../identifiers.ts';
import type { Mapping } from './mapping.ts';
import type { OnlineNames } from './names.ts';

/** A foreign key of another table, as it will be once the new version stands in the place of the old one. */
export type IncomingKey = {
  child: number;
  table: string;
  name: string;
  definition: string;
  comment: string | null;
  validated: boolean;
};

/**
 * The foreign keys of other tables that refer to the old version. Throws ONLINE_REFUSED where the new one has not got the fields.
 *
 * @param target the table that they shall refer to: by default the place of the old one, in which the new one will stand
 */
export async function incomingKeys(
  connection: Queryable,
  old: Pick<Table, 'oid' | 'schema' | 'name'>,
  names: OnlineNames,
  mapping: Mapping,
  target = quoteQualified(old.schema, old.name),
): Promise<IncomingKey[]> {
  const found = await withQualifiedNames(connection, () =>
    connection.rows<{
      child: number;
      schema: string;
      table: string;
      name: string;
      validated: boolean;
      before: string;
      after: string;
      fields: string[];
      comment: string | null;
    }>(
      `SELECT c.conrelid AS child, n.nspname AS schema, t.relname AS table, c.conname AS name, c.convalidated AS validated, obj_description(c.oid, 'pg_constraint') AS comment,
         left(d.text, strpos(d.text, d.target) - 1) AS before, substr(d.text, strpos(d.text, d.target) + length(d.target)) AS after, d.fields
       FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace
       CROSS JOIN LATERAL (SELECT regexp_replace(pg_get_constraintdef(c.oid), ' NOT VALID$', '') AS text, ' REFERENCES ' || c.confrelid::regclass::text || '(' || string_agg(quote_ident(a.attname), ', ' ORDER BY k.nr) || ')' AS target,
           json_agg(a.attname ORDER BY k.nr) AS fields
         FROM unnest(c.confkey) WITH ORDINALITY AS k(number, nr) JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.number) AS d
       WHERE c.contype = 'f' AND c.confrelid = $1 AND c.conrelid <> $1 AND c.conparentid = 0
         AND c.conrelid <> coalesce(to_regclass(${literal(names.newSql)}), 0::oid) ORDER BY c.conrelid, c.conname`,
      [old.oid],
    ),
  );
  return found.map(({ child, schema, table, name, validated, before, after, fields, comment }) => {
    const there = fields.map((field) => {
      const fresh = mapping.newColumns.find((each) => each.old === field && each.carried !== 'derived');
      if (fresh) return fresh.name;
      throw new PolyshiftError(
        'ONLINE_REFUSED',
        `${table} refers to ${field} of ${old.name}, which the new version does not have.`,
        {
          hint: 'Drop that foreign key first.',
        },
      );
    });
    const sql = quoteQualified(schema, table);
    return {
      child,
      table: sql,
      name,
      validated,
      definition: `${before} REFERENCES ${target} (${quoteList(there)})${after}`,
      comment: comment === null ? null : `COMMENT ON CONSTRAINT ${quote(name)} ON ${sql} IS ${literal(comment)}`,
    };
  });
}

/** Tries whether the new version can take the keys of others, by tables that nobody sees. Throws ONLINE_REFUSED with the words of the server. */
export async function tryIncomingKeys(connection: Queryable, old: Table, names: OnlineNames, mapping: Mapping): Promise<void> {
  for (const { table, name, definition } of await incomingKeys(connection, old, names, mapping, names.newSql)) {
    const trial = `${quote(names.aside)}.polyshift_trial`;
    await connection.execute('SAVEPOINT polyshift_trial');
    try {
      await connection.execute(`CREATE TABLE ${trial} (LIKE ${table})`);
      await connection.execute(`ALTER TABLE ${trial} ADD CONSTRAINT polyshift_trial ${definition}`);
    } catch (error) {
      if (!isPolyshiftError(error)) throw error;
      throw new PolyshiftError(
        'ONLINE_REFUSED',
        `the foreign key ${name} of ${table} could not refer to the new version of ${old.name}: ${error.message}`,
        { hint: 'Drop that foreign key first, or change the fields that it needs in a migration of its own.', cause: error },
      );
    }
    await connection.execute('ROLLBACK TO SAVEPOINT polyshift_trial');
  }
}

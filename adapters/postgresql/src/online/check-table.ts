import { type Check, fail, pass } from '@polyshift/core';
import type { Table } from '../catalog/table.ts';
import type { Queryable } from '../connection.ts';

/** What stands in the way, in the words of the server, and what to do about it. */
const obstacles: readonly { readonly name: string; readonly reason: string; readonly action: string; readonly query: string }[] =
  [
    {
      name: 'one_at_a_time',
      reason: 'two versions of it are in use already',
      action: 'Finalize that change, or take it back, first.',
      query: `SELECT tgname::text AS name FROM pg_trigger WHERE tgrelid = $1 AND starts_with(tgname, '!polyshift_')`,
    },
    {
      name: 'no_inheritance',
      reason: 'it inherits, is a partition, or is inherited from',
      action: 'Apply the migration without --online.',
      query: `SELECT inhparent::regclass::text AS name FROM pg_inherits WHERE inhrelid = $1 UNION ALL SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = $1`,
    },
    {
      name: 'no_rules',
      reason: 'rules rewrite what is done to it',
      action: 'Drop the rules first, or apply the migration without --online.',
      query: `SELECT rulename::text AS name FROM pg_rewrite WHERE ev_class = $1`,
    },
    {
      name: 'no_row_security',
      reason: 'row security decides who sees its rows',
      action: 'Apply the migration without --online.',
      query: `SELECT 'row security' AS name FROM pg_class WHERE oid = $1 AND (relrowsecurity OR EXISTS (SELECT FROM pg_policy WHERE polrelid = oid))`,
    },
    {
      name: 'no_dependents',
      reason: 'other objects are bound to this table and would stay with the old version',
      action: 'Drop them first, and create them again after finalize.',
      query: `SELECT pg_describe_object(d.classid, d.objid, 0) AS name FROM pg_depend d LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
      WHERE (d.classid = 'pg_proc'::regclass OR (r.oid IS NOT NULL AND r.ev_class <> $1)) AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $1
      UNION SELECT pg_describe_object(d.classid, d.objid, d.objsubid) FROM pg_depend d JOIN pg_type t ON t.oid = d.refobjid
      WHERE d.refclassid = 'pg_type'::regclass AND d.deptype = 'n' AND (t.typrelid = $1 OR t.typelem = (SELECT reltype FROM pg_class WHERE oid = $1))`,
    },
    {
      name: 'whole_publications',
      reason: 'publications send only some of its rows or columns',
      action: 'Take it out of these publications first.',
      query: `SELECT p.pubname::text AS name FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
      WHERE r.prrelid = $1 AND ((to_jsonb(r)->>'prqual') IS NOT NULL OR (to_jsonb(r)->>'prattrs') IS NOT NULL)`,
    },
  ];

/** Whether the table is one that can have two versions. */
export async function checkTable(connection: Queryable, table: Table): Promise<Check[]> {
  if (table.kind !== 'r')
    return [fail('plain_table', `${table.name} is no plain table`, 'Apply the migration without --online.')];
  if (table.rowKey.length === 0) {
    return [
      fail(
        'row_key',
        `${table.name} has neither a primary key nor a unique index over columns that are never null: nothing identifies its rows`,
        'Add a primary key first, for example by add_constraint.',
      ),
    ];
  }
  const checks: Check[] = [];
  for (const { name, reason, action, query } of obstacles) {
    const found = await connection.rows<{ name: string }>(`${query} ORDER BY name`, [table.oid]);
    if (found.length > 0)
      checks.push(
        fail(name, `${table.name} cannot have two versions: ${reason}: ${found.map((each) => each.name).join(', ')}`, action),
      );
  }
  return checks.length > 0 ? checks : [pass('two_versions', `${table.name} can have two versions in use`)];
}

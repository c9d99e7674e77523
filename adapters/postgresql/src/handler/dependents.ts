import type { Queryable } from '../connection.ts';

/** What the server would have to drop or refuse with a column: views, generated columns, triggers, policies, publications. */
export async function columnDependents(connection: Queryable, oid: number, column: number): Promise<string[]> {
  const rows = await connection.rows<{ name: string }>(
    `SELECT DISTINCT pg_describe_object(d.classid, d.objid, d.objsubid) AS name
     FROM pg_depend d
     LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
     LEFT JOIN pg_attrdef a ON d.classid = 'pg_attrdef'::regclass AND a.oid = d.objid
     WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = $1 AND d.refobjsubid = $2
       AND (d.classid IN ('pg_trigger'::regclass, 'pg_policy'::regclass, 'pg_publication_rel'::regclass)
         OR (r.oid IS NOT NULL AND r.ev_class <> $1)
         OR (a.oid IS NOT NULL AND a.adnum <> $2))
     ORDER BY name`,
    [oid, column],
  );
  return rows.map((row) => row.name);
}

import type { CollectionSchema, ConstraintSchema, FieldSchema, IndexSchema, JsonObject, JsonValue } from '@polyshift/core';
import type { Queryable } from '../connection.ts';
import { asideColumnPrefix, readColumns, type Table, type TableColumn, withQualifiedNames } from './table.ts';
import type { TableName } from './table-name.ts';
import { readValidation } from './validation-comment.ts';

/** What the server keeps about a column beside its type; only what is not as it is by itself. */
const columnOptions = `
SELECT a.attname AS name, json_strip_nulls(json_build_object(
  'collation', CASE WHEN a.attcollation <> t.typcollation THEN (SELECT n.nspname || '.' || c.collname FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace WHERE c.oid = a.attcollation) END,
  'comment', col_description(a.attrelid, a.attnum),
  'storage', CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage::text END,
  'compression', NULLIF(a.attcompression::text, ''),
  'statistics', CASE WHEN a.attstattarget >= 0 THEN a.attstattarget END,
  'settings', to_json(a.attoptions),
  'grants', a.attacl::text,
  'sequence', (SELECT json_build_object('name', s.seqrelid::regclass::text, 'type', format_type(s.seqtypid, NULL), 'start', s.seqstart::text, 'increment', s.seqincrement::text,
      'min', s.seqmin::text, 'max', s.seqmax::text, 'cache', s.seqcache::text, 'cycle', s.seqcycle)
    FROM pg_depend p JOIN pg_sequence s ON s.seqrelid = p.objid
    WHERE p.classid = 'pg_catalog.pg_class'::regclass AND p.refclassid = 'pg_catalog.pg_class'::regclass AND p.refobjid = a.attrelid AND p.refobjsubid = a.attnum AND p.deptype IN ('a', 'i') LIMIT 1)
)) AS options
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped`;

const indexes = `
SELECT c.relname AS name, i.indisunique AS is_unique, pg_get_indexdef(i.indexrelid) AS definition, i.indisvalid AS valid,
  i.indisclustered AS clustered, i.indisreplident AS replica_identity, obj_description(c.oid, 'pg_class') AS comment,
  t.spcname AS tablespace,
  (SELECT json_agg(json_build_object('field', coalesce(a.attname, pg_get_indexdef(i.indexrelid, k.position::int, true)),
     'direction', CASE WHEN am.amname <> 'btree' THEN to_json(am.amname) WHEN i.indoption[k.position - 1] & 1 = 1 THEN to_json(-1) ELSE to_json(1) END) ORDER BY k.position)
   FROM unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY AS k(number, position)
   LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number AND k.number <> 0) AS keys
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am am ON am.oid = c.relam LEFT JOIN pg_tablespace t ON t.oid = c.reltablespace
WHERE i.indrelid = $1 ORDER BY c.relname COLLATE "C"`;

const constraints = `
SELECT c.conname AS name, c.contype AS type, pg_get_constraintdef(c.oid) AS definition, obj_description(c.oid, 'pg_constraint') AS comment,
  (SELECT json_agg(a.attname ORDER BY k.position) FROM unnest(c.conkey) WITH ORDINALITY AS k(number, position)
   JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number) AS fields
FROM pg_constraint c WHERE c.conrelid = $1 AND c.contype <> 't' ORDER BY c.conname COLLATE "C"`;

const relation = `
SELECT json_strip_nulls(json_build_object(
  'comment', obj_description(c.oid, 'pg_class'),
  'settings', to_json(c.reloptions),
  'toast_settings', (SELECT to_json(t.reloptions) FROM pg_class t WHERE t.oid = c.reltoastrelid),
  'persistence', NULLIF(c.relpersistence::text, 'p'),
  'tablespace', (SELECT spcname FROM pg_tablespace WHERE oid = c.reltablespace),
  'access_method', (SELECT NULLIF(amname, 'heap') FROM pg_am WHERE oid = c.relam),
  'replica_identity', NULLIF(c.relreplident::text, 'd'),
  'row_security', CASE WHEN c.relrowsecurity THEN true END,
  'force_row_security', CASE WHEN c.relforcerowsecurity THEN true END,
  'grants', c.relacl::text,
  'partition_key', pg_get_partkeydef(c.oid),
  'partition_bound', pg_get_expr(c.relpartbound, c.oid),
  'parents', (SELECT json_agg(inhparent::regclass::text ORDER BY inhseqno) FROM pg_inherits WHERE inhrelid = c.oid),
  'view', CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,
  'triggers', (SELECT json_agg(json_build_array(t.tgname, t.tgenabled::text, pg_get_triggerdef(t.oid), obj_description(t.oid, 'pg_trigger')) ORDER BY t.tgname COLLATE "C") FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal),
  'rules', (SELECT json_agg(pg_get_ruledef(r.oid) ORDER BY r.rulename COLLATE "C") FROM pg_rewrite r WHERE r.ev_class = c.oid AND r.rulename <> '_RETURN'),
  'policies', (SELECT json_agg(json_build_array(p.polname, p.polcmd::text, p.polpermissive, p.polroles::regrole[]::text, pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) ORDER BY p.polname COLLATE "C") FROM pg_policy p WHERE p.polrelid = c.oid),
  'statistics', (SELECT json_agg(pg_get_statisticsobjdef(s.oid) ORDER BY s.stxname COLLATE "C") FROM pg_statistic_ext s WHERE s.stxrelid = c.oid)
)) AS options
FROM pg_class c WHERE c.oid = $1`;

interface IndexRow {
  name: string;
  is_unique: boolean;
  definition: string;
  valid: boolean;
  clustered: boolean;
  replica_identity: boolean;
  comment: string | null;
  tablespace: string | null;
  keys: { field: string; direction: JsonValue }[];
}

interface ConstraintRow {
  name: string;
  type: string;
  definition: string;
  comment: string | null;
  fields: string[] | null;
}

const constraintKinds: Readonly<Record<string, ConstraintSchema['kind']>> = {
  p: 'primary_key',
  u: 'unique',
  c: 'check',
  f: 'foreign_key',
  x: 'exclusion',
  n: 'not_null',
};

/** Everything there is to know about a table, in a canonical form: names qualified, lists in a fixed order. Must run inside a transaction. */
export async function describeTable(connection: Queryable, name: TableName): Promise<CollectionSchema> {
  const table = await readColumns(connection, name);
  return await withQualifiedNames(connection, async () => {
    const columns = await connection.rows<{ name: string; options: JsonObject }>(columnOptions, [name.oid]);
    const options = new Map(columns.map((row) => [row.name, row.options]));
    const indexRows = await connection.rows<IndexRow>(indexes, [name.oid]);
    const constraintRows = await connection.rows<ConstraintRow>(constraints, [name.oid]);
    const [whole] = await connection.rows<{ options: JsonObject }>(relation, [name.oid]);
    return toSchema(table, options, indexRows, constraintRows, whole?.options ?? {});
  });
}

function toSchema(
  table: Table,
  options: ReadonlyMap<string, JsonObject>,
  indexRows: readonly IndexRow[],
  constraintRows: readonly ConstraintRow[],
  whole: JsonObject,
): CollectionSchema {
  const comments: JsonObject = Object.fromEntries(
    constraintRows.flatMap(({ name, comment }) => (comment === null ? [] : [[name, comment]])),
  );
  const all = { ...whole, ...(Object.keys(comments).length > 0 ? { constraint_comments: comments } : {}) };
  const validation = readValidation(constraintRows);
  return {
    name: table.name,
    kind: table.kind === 'v' || table.kind === 'm' ? 'view' : 'table',
    fields: table.columns.map((column) => toField(column, options.get(column.name) ?? {})),
    key: table.primaryKey,
    indexes: indexRows.map(toIndex),
    // A primary key's columns may be aside (remove_field refuses that), those of other constraints too: their names are left as they are.
    constraints: constraintRows.map((row) => ({
      name: row.name,
      kind: constraintKinds[row.type] ?? 'check',
      fields: (row.fields ?? []).filter((field) => !field.startsWith(asideColumnPrefix)),
      definition: row.definition,
    })),
    ...(validation ? { validation } : {}),
    ...(Object.keys(all).length > 0 ? { options: all } : {}),
    approximate_count: table.approximateCount,
  };
}

function toField(column: TableColumn, options: JsonObject): FieldSchema {
  return {
    name: column.name,
    type: column.type,
    native: column.native,
    nullable: column.nullable,
    ...(column.default === undefined ? {} : { default: column.default }),
    ...(column.generated === undefined ? {} : { generated: column.generated }),
    ...(Object.keys(options).length > 0 ? { options } : {}),
  };
}

function toIndex(row: IndexRow): IndexSchema {
  const definition: JsonObject = { sql: row.definition };
  if (!row.valid) definition['invalid'] = true;
  if (row.clustered) definition['clustered'] = true;
  if (row.replica_identity) definition['replica_identity'] = true;
  if (row.comment !== null) definition['comment'] = row.comment;
  if (row.tablespace !== null) definition['tablespace'] = row.tablespace;
  return { name: row.name, keys: row.keys, unique: row.is_unique, definition };
}

import type { Connection } from '../database.ts';
import { literal, quote } from '../identifiers.ts';
import { dollar } from '../type-change/convert.ts';
import { attributes, passing } from './carry-function.ts';
import type { OnlineNames } from './names.ts';
import { filled, hasKey, keyOf, type Relation, type RelationNames, relationNames } from './relation.ts';
import { allFields, keep, seesAll, unsettledOf } from './relation-functions.ts';

/**
 * Milliseconds that a writer waits for a row on the other side of a relation: well before the server would look for a deadlock. After that the write is
 * kept, by the fields that it has changed.
 */
const patience = 500;
const briefly = `${attributes} SET lock_timeout = '${patience}ms'`;

const refusal = { code: 'SQLSTATE', reason: 'SQLERRM' };
const declarations = (relation: Relation): string => `#variable_conflict use_column
DECLARE
  polyshift_before text[];
  polyshift_key text[];
  polyshift_fields text[] := ${allFields(relation)};`;

function keys(relation: Relation, side: 'hub' | 'part'): string {
  return `IF TG_OP <> 'INSERT' THEN polyshift_before := ${keyOf(relation, side, 'OLD')}; END IF;
  IF TG_OP = 'DELETE' THEN polyshift_key := polyshift_before; ELSE polyshift_key := ${keyOf(relation, side, 'NEW')}; END IF;`;
}

/** The write is one that the other side has made. */
function echo(setting: string, key = 'polyshift_key'): string {
  return `IF current_setting(${literal(setting)}, true) = ${key}::text THEN
    PERFORM set_config(${literal(setting)}, '', true);
    RETURN NULL;
  END IF;`;
}

/** The end of a trigger function: what is kept of a write that waits for another one, and of a write that the other side refuses. */
function unless(waiting: string, refused: string): string {
  return `EXCEPTION WHEN lock_not_available OR serialization_failure THEN
    ${waiting}
  WHEN OTHERS THEN
    ${passing}
    ${refused}
  END;
  RETURN NULL;
END`;
}

/** The fields that an update has changed. */
function changed({ fields }: Relation): string {
  const each = fields.map(
    (field) => `CASE WHEN record_image_ne(ROW(OLD.${quote(field)}), ROW(NEW.${quote(field)})) THEN ${literal(field)} END`,
  );
  return `polyshift_fields := array_remove(ARRAY[${each.join(', ')}]::text[], NULL);`;
}

/** What a write of a row of the hub does to the part; a row that comes new to the hub takes what the part has of it already. */
function hubWritten(names: RelationNames, relation: Relation): string {
  const body = `${declarations(relation)}
BEGIN
  ${keys(relation, 'hub')}
  ${echo(names.fromPart)}
  ${relation.kind === 'merge' ? echo(names.moved) : ''}
  BEGIN
    IF TG_OP = 'UPDATE' AND polyshift_before = polyshift_key THEN
      ${changed(relation)}
      PERFORM ${names.toPart}(polyshift_key, polyshift_fields);
    ELSIF ${filled(relation, 'NEW')} > 0 THEN
      PERFORM ${names.toPart}(polyshift_key, polyshift_fields);
    ELSIF EXISTS (SELECT FROM ${names.part} AS p WHERE ${hasKey(relation, 'part', 'p')}) THEN
      PERFORM ${names.toHub}(polyshift_key, polyshift_fields);
    END IF;
  ${unless(keep(names, relation, 'hub', 'polyshift_key', 'polyshift_fields'), keep(names, relation, 'hub', 'polyshift_key', 'polyshift_fields', refusal))}`;
  return `CREATE OR REPLACE FUNCTION ${names.hubWritten}() RETURNS trigger ${briefly} AS ${dollar(body)}`;
}

/** What becomes of the part of a row that goes, or gets another key. Where the old version has done that, the foreign key of a merged table has its way. */
function hubGone(online: OnlineNames, names: RelationNames, relation: Relation): string {
  const merged = relation.kind === 'merge';
  const body = `${declarations(relation)}
BEGIN
  ${keys(relation, 'hub')}
  ${
    merged
      ? `IF current_setting(${literal(online.fromOld)}, true) IN ('*', polyshift_key::text) THEN
    IF TG_OP = 'UPDATE' THEN PERFORM set_config(${literal(names.moved)}, polyshift_key::text, true); END IF;
    RETURN NULL;
  END IF;`
      : ''
  }
  BEGIN
    PERFORM set_config(${literal(names.fromHub)}, polyshift_before::text, true);
    DELETE FROM ${names.part} AS t WHERE ${hasKey(relation, 'part', 't', 'polyshift_before')};
    IF FOUND OR ${seesAll} THEN
      DELETE FROM ${names.unsettled} WHERE part = ${relation.index} AND key = polyshift_before;
    ELSE
      ${keep(names, relation, 'hub', 'polyshift_before', 'polyshift_fields')}
    END IF;
    PERFORM set_config(${literal(names.fromHub)}, '', true);
  ${unless(
    `${merged ? `IF TG_OP = 'DELETE' THEN RAISE; END IF;` : ''}
    ${keep(names, relation, 'hub', 'polyshift_before', 'polyshift_fields')}`,
    keep(names, relation, 'hub', 'polyshift_before', 'polyshift_fields', refusal),
  )}`;
  return `CREATE OR REPLACE FUNCTION ${names.hubGone}() RETURNS trigger ${briefly} AS ${dollar(body)}`;
}

/** What a write of a row of the part does to the hub. */
function partWritten(online: OnlineNames, names: RelationNames, relation: Relation): string {
  const moved = 'polyshift_before <> polyshift_key';
  const both = (refused?: typeof refusal): string => `IF ${moved} THEN
      ${keep(names, relation, 'part', 'polyshift_before', 'polyshift_fields', refused)}
    END IF;
    ${keep(names, relation, 'part', 'polyshift_key', 'polyshift_fields', refused)}`;
  const body = `${declarations(relation)}
BEGIN
  ${keys(relation, 'part')}
  ${echo(names.fromHub)}
  IF TG_OP = 'UPDATE' AND polyshift_before = polyshift_key THEN
    ${changed(relation)}
    IF polyshift_fields = '{}' AND NOT EXISTS (SELECT ${unsettledOf(names, relation, 'part')}) THEN RETURN NULL; END IF;
  END IF;
  -- While a swap is at work it has the hub, and waits for the part.
  IF NOT pg_try_advisory_xact_lock_shared(${online.gate}) THEN
    ${both()}
    RETURN NULL;
  END IF;
  BEGIN
    IF ${moved} THEN PERFORM ${names.toHub}(polyshift_before, polyshift_fields); END IF;
    PERFORM ${names.toHub}(polyshift_key, polyshift_fields);
  ${unless(both(), both(refusal))}`;
  return `CREATE OR REPLACE FUNCTION ${names.partWritten}() RETURNS trigger ${briefly} AS ${dollar(body)}`;
}

function hubTruncated(online: OnlineNames, names: RelationNames, relation: Relation): string {
  const body = `BEGIN
  ${relation.kind === 'merge' ? `IF current_setting(${literal(online.fromOld)}, true) = 'truncate' THEN RETURN NULL; END IF;` : ''}
  IF EXISTS (SELECT FROM ${names.part}) THEN
    PERFORM set_config(${literal(names.fromHub)}, '*', true);
    TRUNCATE ${names.part};
    PERFORM set_config(${literal(names.fromHub)}, '', true);
  END IF;
  DELETE FROM ${names.unsettled} WHERE part = ${relation.index};
  RETURN NULL;
END`;
  return `CREATE OR REPLACE FUNCTION ${names.hubTruncated}() RETURNS trigger ${attributes} AS ${dollar(body)}`;
}

function partTruncated(names: RelationNames, relation: Relation): string {
  const body = `DECLARE
  polyshift_outer_quiet text := coalesce(current_setting(${literal(names.quiet)}, true), '');
BEGIN
  IF current_setting(${literal(names.fromHub)}, true) = '*' THEN RETURN NULL; END IF;
  PERFORM set_config(${literal(names.fromPart)}, '*', true), set_config(${literal(names.quiet)}, '*', true);
  UPDATE ${names.hub} AS h SET ${relation.fields.map((field) => `${quote(field)} = NULL`).join(', ')} WHERE ${filled(relation, 'h')} > 0;
  PERFORM set_config(${literal(names.fromPart)}, '', true), set_config(${literal(names.quiet)}, polyshift_outer_quiet, true);
  DELETE FROM ${names.unsettled} WHERE part = ${relation.index};
  RETURN NULL;
END`;
  return `CREATE OR REPLACE FUNCTION ${names.partTruncated}() RETURNS trigger ${attributes} AS ${dollar(body)}`;
}

/** The functions of a relation's triggers. */
export function triggerFunctions(online: OnlineNames, relation: Relation): string[] {
  const names = relationNames(online, relation);
  return [
    hubWritten(names, relation),
    hubGone(online, names, relation),
    partWritten(online, names, relation),
    hubTruncated(online, names, relation),
    partTruncated(names, relation),
  ];
}

/** Creates the triggers of the hub. What changes neither key nor fields of a row does not even call them. */
export async function createHubTriggers(connection: Connection, online: OnlineNames, relation: Relation): Promise<void> {
  const names = relationNames(online, relation);
  const { triggers, hub } = names;
  const row = (name: 'OLD' | 'NEW', columns: readonly string[]): string =>
    `ROW(${columns.map((each) => `${name}.${quote(each)}`).join(', ')})`;
  const differs = (columns: readonly string[]): string =>
    `pg_catalog.record_image_ne(${row('OLD', columns)}, ${row('NEW', columns)})`;
  const key = relation.key.map((each) => each.hub);
  const loud = `current_setting(${literal(names.fromPart)}, true) IS DISTINCT FROM '*'`;
  // While rows are copied to the new version their parts are not: that comes after it.
  const copied = `(current_setting(${literal(online.fromOld)}, true) IS NOT DISTINCT FROM '*' AND current_setting(${literal(online.fromNew)}, true) IS DISTINCT FROM '*')`;
  const inserted = relation.kind === 'merge' ? `NOT ${copied}` : loud;
  const each = 'FOR EACH ROW';
  await create(connection, hub, [
    [triggers.gone, `AFTER DELETE ON ${hub} ${each} EXECUTE FUNCTION ${names.hubGone}()`],
    [triggers.moved, `AFTER UPDATE ON ${hub} ${each} WHEN (${differs(key)}) EXECUTE FUNCTION ${names.hubGone}()`],
    [triggers.inserted, `AFTER INSERT ON ${hub} ${each} WHEN (${inserted}) EXECUTE FUNCTION ${names.hubWritten}()`],
    [
      triggers.updated,
      `AFTER UPDATE ON ${hub} ${each} WHEN (${loud} AND ${differs([...key, ...relation.fields])}) EXECUTE FUNCTION ${names.hubWritten}()`,
    ],
    [triggers.truncated, `AFTER TRUNCATE ON ${hub} FOR EACH STATEMENT EXECUTE FUNCTION ${names.hubTruncated}()`],
  ]);
}

/** Creates the triggers of the part. */
export async function createPartTriggers(connection: Connection, online: OnlineNames, relation: Relation): Promise<void> {
  const names = relationNames(online, relation);
  const { partTriggers, part } = names;
  await create(connection, part, [
    [
      partTriggers.written,
      `AFTER INSERT OR UPDATE OR DELETE ON ${part} FOR EACH ROW
       WHEN (current_setting(${literal(names.fromHub)}, true) IS DISTINCT FROM '*') EXECUTE FUNCTION ${names.partWritten}()`,
    ],
    [partTriggers.truncated, `AFTER TRUNCATE ON ${part} FOR EACH STATEMENT EXECUTE FUNCTION ${names.partTruncated}()`],
  ]);
}

/** Also for what replication applies. */
async function create(connection: Connection, table: string, triggers: readonly (readonly [string, string])[]): Promise<void> {
  for (const [name, definition] of triggers) {
    await connection.execute(`CREATE TRIGGER ${name} ${definition}`);
    await connection.execute(`ALTER TABLE ${table} ENABLE ALWAYS TRIGGER ${name}`);
  }
}

/** Drops the triggers of both sides. */
export async function dropRelationTriggers(connection: Connection, online: OnlineNames, relation: Relation): Promise<void> {
  const { hub, part, triggers, partTriggers } = relationNames(online, relation);
  for (const [table, names] of [
    [hub, Object.values(triggers)],
    [part, Object.values(partTriggers)],
  ] as const)
    for (const name of names) await connection.execute(`DROP TRIGGER IF EXISTS ${name} ON ${table}`);
}

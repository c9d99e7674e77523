import { literal, quote, quoteList } from '../identifiers.ts';
import { dollar } from '../type-change/convert.ts';
import { attributes, passing } from './carry-function.ts';
import type { OnlineNames } from './names.ts';
import { filled, hasKey, type Relation, type RelationNames, relationNames } from './relation.ts';

/** Names of all fields of a relation, as an array of texts. */
export function allFields({ fields }: Relation): string {
  return `ARRAY[${fields.map((field) => literal(field)).join(', ')}]::text[]`;
}

/** Keeps that a side is ahead of the other one by these fields. */
export function keep(
  names: RelationNames,
  { index }: Relation,
  side: 'hub' | 'part',
  key: string,
  fields: string,
  refusal?: { code: string; reason: string },
): string {
  return `INSERT INTO ${names.unsettled} AS w (part, side, key, fields, refused, code, reason)
      VALUES (${index}, '${side}', ${key}, ${fields}, ${refusal !== undefined}, ${refusal?.code ?? 'NULL'}, ${refusal?.reason ?? 'NULL'})
      ON CONFLICT (part, side, key) DO UPDATE SET fields = (SELECT array_agg(DISTINCT f) FROM unnest(w.fields || excluded.fields) AS f),
        refused = excluded.refused, code = excluded.code, reason = excluded.reason;`;
}

/** The rows of the table of unsettled writes for a key. */
export function unsettledOf(
  { unsettled }: RelationNames,
  { index }: Relation,
  side: 'hub' | 'part',
  key = 'polyshift_key',
): string {
  return `FROM ${unsettled} WHERE part = ${index} AND side = '${side}' AND key = ${key}`;
}

/** What has been brought over is no longer what the other side is ahead by: of two writes of a field the later one counts. */
function trim({ unsettled }: RelationNames, { index }: Relation, side: 'hub' | 'part'): string {
  const own = `part = ${index} AND side = '${side}' AND key = polyshift_key`;
  return `UPDATE ${unsettled} SET fields = ARRAY(SELECT f FROM unnest(fields) AS f WHERE f <> ALL (polyshift_fields)) WHERE ${own} AND fields && polyshift_fields;
    DELETE FROM ${unsettled} WHERE ${own} AND fields = '{}';`;
}

/** At stricter isolation a row that was copied after the transaction began is there and cannot be seen: then it is for later. */
export const seesAll = `(current_setting('transaction_isolation') = 'read committed')`;

function setting(name: string, value: string): string {
  return `set_config(${literal(name)}, ${value}, true)`;
}

/** The fields that the hub is ahead by, and then those of the part, are added to what a call has been given. */
function withUnsettled(names: RelationNames, relation: Relation, side: 'hub' | 'part'): string {
  return `polyshift_fields := polyshift_fields || coalesce((SELECT fields ${unsettledOf(names, relation, side)}), '{}');`;
}

/**
 * The function that brings fields of a row of the hub to its part. It waits for the row of the part, though not for long: whoever has that may want the
 * row of the hub next.
 */
export function toPartFunction(online: OnlineNames, relation: Relation): string {
  const names = relationNames(online, relation);
  const { key, fields } = relation;
  const [hubKey, partKey] = [key.map(({ hub }) => `h.${quote(hub)}`), quoteList(key.map(({ part }) => part))];
  const chosen = (field: string): string => `${literal(field)} = ANY (polyshift_fields)`;
  const given = fields.map(
    (field) =>
      `CASE WHEN ${chosen(field)} OR ${literal(field)} <> ALL (coalesce(polyshift_ahead, '{}')) THEN h.${quote(field)} END`,
  );
  const set = (value: (name: string) => string): string =>
    fields
      .map((field) => `${quote(field)} = CASE WHEN ${chosen(field)} THEN ${value(quote(field))} ELSE t.${quote(field)} END`)
      .join(', ');
  const mark = `PERFORM ${setting(names.fromHub, 'polyshift_key::text')};`;
  const body = `#variable_conflict use_column
DECLARE
  polyshift_ahead text[];
  polyshift_seen boolean := true;
BEGIN
  ${withUnsettled(names, relation, 'hub')}
  SELECT fields INTO polyshift_ahead ${unsettledOf(names, relation, 'part')};
  ${mark}
  IF EXISTS (SELECT FROM ${names.hub} AS h WHERE ${hasKey(relation, 'hub', 'h')} AND ${filled(relation, 'h')} > 0) THEN
    INSERT INTO ${names.part} AS t (${partKey}, ${quoteList(fields)}) OVERRIDING SYSTEM VALUE
    SELECT ${[...hubKey, ...given].join(', ')} FROM ${names.hub} AS h WHERE ${hasKey(relation, 'hub', 'h')}
    ON CONFLICT (${partKey}) DO UPDATE SET ${set((name) => `excluded.${name}`)};
    ${trim(names, relation, 'part')}
  ELSIF polyshift_ahead IS NULL THEN
    DELETE FROM ${names.part} AS t WHERE ${hasKey(relation, 'part', 't')};
    polyshift_seen := FOUND OR ${seesAll};
  ELSIF EXISTS (SELECT FROM ${names.hub} AS h WHERE ${hasKey(relation, 'hub', 'h')}) THEN
    UPDATE ${names.part} AS t SET ${set(() => 'NULL')} WHERE ${hasKey(relation, 'part', 't')};
    polyshift_seen := FOUND OR ${seesAll};
    ${mark}
    DELETE FROM ${names.part} AS t WHERE ${hasKey(relation, 'part', 't')} AND ${filled(relation, 't')} = 0;
    ${trim(names, relation, 'part')}
  END IF;
  PERFORM ${setting(names.fromHub, `''`)};
  IF polyshift_seen THEN
    DELETE ${unsettledOf(names, relation, 'hub')};
  ELSE
    ${keep(names, relation, 'hub', 'polyshift_key', 'polyshift_fields')}
  END IF;
END`;
  return `CREATE OR REPLACE FUNCTION ${names.toPart}(polyshift_key text[], polyshift_fields text[]) RETURNS void ${attributes} AS ${dollar(body)}`;
}

/**
 * The function that brings fields of a row of the part to the hub. It never waits for the hub's row, which its writer has before that of the part: where
 * somebody holds it, the write is kept. Neither version lacks anything of what it writes but these fields, so that nothing is carried between them.
 */
export function toHubFunction(online: OnlineNames, relation: Relation, hubTable: string): string {
  const names = relationNames(online, relation);
  const set = relation.fields.map(
    (field) =>
      `${quote(field)} = CASE WHEN ${literal(field)} = ANY (polyshift_fields) THEN p.${quote(field)} ELSE h.${quote(field)} END`,
  );
  // A merged table has a foreign key: the row is there in the old version, and the new one does not have it yet.
  const missing =
    relation.kind === 'merge'
      ? keep(names, relation, 'part', 'polyshift_key', 'polyshift_fields')
      : keep(names, relation, 'part', 'polyshift_key', 'polyshift_fields', {
          code: `'23503'`,
          reason: literal(`there is no row of ${hubTable} with this key`),
        });
  const body = `#variable_conflict use_column
DECLARE
  polyshift_outer_quiet text := coalesce(current_setting(${literal(names.quiet)}, true), '');
BEGIN
  ${withUnsettled(names, relation, 'part')}
  PERFORM 1 FROM ${names.hub} AS h WHERE ${hasKey(relation, 'hub', 'h')} FOR NO KEY UPDATE SKIP LOCKED;
  IF FOUND THEN
    PERFORM ${setting(names.fromPart, 'polyshift_key::text')}, ${setting(names.quiet, `'*'`)};
    UPDATE ${names.hub} AS h SET ${set.join(', ')}
    FROM (SELECT 1) AS one LEFT JOIN ${names.part} AS p ON ${hasKey(relation, 'part', 'p')} WHERE ${hasKey(relation, 'hub', 'h')};
    PERFORM ${setting(names.fromPart, `''`)}, ${setting(names.quiet, 'polyshift_outer_quiet')};
    DELETE ${unsettledOf(names, relation, 'part')};
    ${trim(names, relation, 'hub')}
    IF EXISTS (SELECT ${unsettledOf(names, relation, 'hub')} AND NOT refused) THEN
      PERFORM ${names.toPart}(polyshift_key, '{}');
    END IF;
  ELSIF NOT ${seesAll} OR EXISTS (SELECT FROM ${names.hub} AS h WHERE ${hasKey(relation, 'hub', 'h')}) THEN
    ${keep(names, relation, 'part', 'polyshift_key', 'polyshift_fields')}
  ELSIF EXISTS (SELECT FROM ${names.part} AS p WHERE ${hasKey(relation, 'part', 'p')}) THEN
    ${missing}
  ELSE
    DELETE FROM ${names.unsettled} WHERE part = ${relation.index} AND key = polyshift_key;
  END IF;
END`;
  return `CREATE OR REPLACE FUNCTION ${names.toHub}(polyshift_key text[], polyshift_fields text[]) RETURNS void ${attributes} AS ${dollar(body)}`;
}

/** The function that tries once more to bring over what one side of a row is ahead by. It holds nothing yet, and may wait: for the hub first. */
export function settleRelationFunction(online: OnlineNames, relation: Relation): string {
  const names = relationNames(online, relation);
  const body = `#variable_conflict use_column
BEGIN
  PERFORM 1 FROM ${names.hub} AS h WHERE ${hasKey(relation, 'hub', 'h')} FOR NO KEY UPDATE;
  BEGIN
    IF polyshift_side = 'hub' THEN PERFORM ${names.toPart}(polyshift_key, '{}'); ELSE PERFORM ${names.toHub}(polyshift_key, '{}'); END IF;
  EXCEPTION WHEN OTHERS THEN
    ${passing}
    UPDATE ${names.unsettled} SET refused = true, code = SQLSTATE, reason = SQLERRM
    WHERE part = ${relation.index} AND side = polyshift_side AND key = polyshift_key;
  END;
END`;
  return `CREATE OR REPLACE FUNCTION ${names.settle}(polyshift_side text, polyshift_key text[]) RETURNS void ${attributes} AS ${dollar(body)}`;
}

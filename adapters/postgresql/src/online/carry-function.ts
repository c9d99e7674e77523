import { quote, quoteList } from '../identifiers.ts';
import { dollar } from '../type-change/convert.ts';
import type { OnlineNames } from './names.ts';
import { keyTexts, rowOf, rowOfKey, rowsOfKey, sameKey, type Way } from './way.ts';

/** What is no refusal of the row but a state of the server or of the transaction: the writer gets it as it is. */
const passing = `IF SQLSTATE ~ '^(40|53|54|55|57|58|XX)' THEN RAISE; END IF;`;

/** As the owner, under a search_path of its own: who writes to a table needs no right to the other one, and cannot turn the function against it. */
const attributes = 'LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp';

/**
 * The trigger function that carries each write of a row over. An update carries what it has changed, so that what the other side has written to other
 * columns stays; where the other side has refused the row before, it carries all of it.
 */
export function carryFunction(names: OnlineNames, way: Way): string {
  const { unsettled } = names;
  const [fresh, former] = [way.mapped(rowOf(way, 'NEW')), way.mapped(rowOf(way, 'OLD'))];
  const there = (from: string): string =>
    way.key.every(({ sourceType, targetType }) => sourceType === targetType)
      ? `polyshift_there := ${from === fresh ? 'polyshift_key' : 'polyshift_before'};`
      : `SELECT ARRAY[${way.key.map((each) => `f.${quote(each.target)}::${each.targetType}::text`).join(', ')}] INTO polyshift_there FROM (${from}) AS f;`;
  const set = (value: (name: string) => string): string =>
    way.columns
      .filter(({ update }) => update)
      .map(({ name }) => `${quote(name)} = ${value(quote(name))}`)
      .join(', ');
  const update = (value: (name: string) => string): string =>
    `UPDATE ${way.target} AS t SET ${set(value)} FROM (${former}) AS a, (${fresh}) AS b WHERE ${sameKey(way, 't', 'a')};`;
  const body = `#variable_conflict use_column
DECLARE
  polyshift_before text[];
  polyshift_key text[];
  polyshift_there text[];
  polyshift_operation text := TG_OP;
  polyshift_full boolean := false;
BEGIN
  IF TG_OP <> 'INSERT' THEN polyshift_before := ${keyTexts(way, 'OLD')}; END IF;
  IF TG_OP = 'DELETE' THEN polyshift_key := polyshift_before; ELSE polyshift_key := ${keyTexts(way, 'NEW')}; END IF;
  IF current_setting(${way.heeds}, true) = polyshift_key::text THEN
    PERFORM set_config(${way.heeds}, '', true);
    RETURN NULL;
  END IF;${way.side === 'new' ? closedGate(names) : ''}
  BEGIN
    IF TG_OP = 'INSERT' THEN
      ${there(fresh)}
      PERFORM set_config(${way.sets}, polyshift_there::text, true);
      ${insert(way, fresh)};
    ELSIF TG_OP = 'UPDATE' THEN
      ${way.side === 'new' ? locked(names, way, former) : ''}
      SELECT true, min(operation) FILTER (WHERE operation = 'INSERT') INTO polyshift_full, polyshift_operation
        FROM ${unsettled} WHERE side = '${way.side}' AND key IN (polyshift_before, polyshift_key) HAVING count(*) > 0;
      polyshift_operation := coalesce(polyshift_operation, 'UPDATE');
      ${there(fresh)}
      PERFORM set_config(${way.sets}, polyshift_there::text, true);
      IF polyshift_operation = 'INSERT' THEN
        ${insert(way, fresh)};
      ELSE
        IF polyshift_full THEN
          ${update((name) => `b.${name}`)}
        ELSE
          ${update((name) => `CASE WHEN record_image_ne(ROW(a.${name}), ROW(b.${name})) THEN b.${name} ELSE t.${name} END`)}
        END IF;
        IF NOT FOUND${way.side === 'old' ? ` AND NOT EXISTS (${waits(names)})` : ''} THEN
          ${upsert(way, fresh)};
        END IF;
      END IF;
      IF polyshift_full THEN
        DELETE FROM ${unsettled} WHERE side = '${way.side}' AND key IN (polyshift_before, polyshift_key);
      END IF;${way.side === 'old' ? meanwhile(names) : ''}
    ELSE
      ${way.side === 'new' ? locked(names, way, former) : ''}
      ${there(former)}
      PERFORM set_config(${way.sets}, polyshift_there::text, true);
      DELETE FROM ${way.target} AS t USING (${former}) AS a WHERE ${sameKey(way, 't', 'a')};
      DELETE FROM ${unsettled} WHERE (side = '${way.side}' AND key = polyshift_before) OR (side <> '${way.side}' AND key = polyshift_there);
    END IF;
    PERFORM set_config(${way.sets}, '', true);
  EXCEPTION WHEN OTHERS THEN
    ${passing}
    ${way.side === 'new' ? referenced : ''}
    ${note(names, way, 'polyshift_operation', 'true', 'SQLSTATE', 'SQLERRM')}
  END;
  RETURN NULL;
END`;
  return `CREATE OR REPLACE FUNCTION ${way.carry}() RETURNS trigger ${attributes} AS ${dollar(body)}`;
}

/**
 * The function that brings the other side's row to what this side has, whatever it was: true where they are equal then, false where it was refused.
 * With `only_missing` it leaves a row alone that is there.
 */
export function settleFunction(names: OnlineNames, way: Way): string {
  const { unsettled } = names;
  const [rows, bare] = [way.mapped(rowsOfKey(way, 'polyshift_key')), way.mapped(rowOfKey(way, 'polyshift_key'))];
  const set = way.columns.filter(({ update }) => update).map(({ name }) => `${quote(name)} = b.${quote(name)}`);
  // The old row first, as whoever writes to it would: then nobody waits for the one that waits for him.
  const lock =
    way.side === 'old'
      ? `PERFORM 1 FROM ${way.source} AS s WHERE ${way.key.map((each, index) => `s.${quote(each.source)} = (polyshift_key[${index + 1}])::${each.sourceType}`).join(' AND ')} FOR NO KEY UPDATE;`
      : `PERFORM 1 FROM ${way.target} AS t, (${bare}) AS a WHERE ${sameKey(way, 't', 'a')} FOR UPDATE OF t;`;
  const body = `#variable_conflict use_column
DECLARE
  polyshift_inserted boolean := only_missing;
BEGIN
  polyshift_inserted := polyshift_inserted OR EXISTS (SELECT FROM ${unsettled} WHERE side = '${way.side}' AND key = polyshift_key AND operation = 'INSERT');
  BEGIN
    PERFORM set_config(${way.sets}, '*', true);
    ${lock}
    IF NOT EXISTS ${rowsOfKey(way, 'polyshift_key')} THEN
      IF NOT polyshift_inserted THEN
        DELETE FROM ${way.target} AS t USING (${bare}) AS a WHERE ${sameKey(way, 't', 'a')};
      END IF;
    ELSIF only_missing THEN
      ${insert(way, rows)} ON CONFLICT (${keyList(way)}) DO NOTHING;
    ELSIF polyshift_inserted THEN
      ${insert(way, rows)};
    ELSE
      UPDATE ${way.target} AS t SET ${set.join(', ')} FROM (${rows}) AS b WHERE ${sameKey(way, 't', 'b')};
      IF NOT FOUND THEN
        ${insert(way, rows)};
      END IF;
    END IF;
    IF NOT only_missing THEN
      DELETE FROM ${unsettled} WHERE side = '${way.side}' AND key = polyshift_key;
    END IF;
    PERFORM set_config(${way.sets}, '', true);
    RETURN true;
  EXCEPTION WHEN OTHERS THEN
    ${passing}
    INSERT INTO ${unsettled} (side, key, operation, refused, code, reason)
    VALUES ('${way.side}', polyshift_key, CASE WHEN polyshift_inserted THEN 'INSERT' ELSE 'UPDATE' END, true, SQLSTATE, SQLERRM)
    ON CONFLICT (side, key) DO UPDATE SET refused = true, code = excluded.code, reason = excluded.reason;
    RETURN false;
  END;
END`;
  return `CREATE OR REPLACE FUNCTION ${way.settle}(polyshift_key text[], only_missing boolean) RETURNS boolean ${attributes} AS ${dollar(body)}`;
}

/** What a TRUNCATE of one side does to the other. It fails where the other one cannot be truncated, as it would with one table. */
export function truncateFunction(names: OnlineNames, way: Way, name: string): string {
  const body = `BEGIN
  IF current_setting(${way.heeds}, true) = 'truncate' THEN RETURN NULL; END IF;
  PERFORM set_config(${way.sets}, 'truncate', true);
  TRUNCATE ${way.target};
  PERFORM set_config(${way.sets}, '', true);
  DELETE FROM ${names.unsettled};
  RETURN NULL;
END`;
  return `CREATE OR REPLACE FUNCTION ${name}() RETURNS trigger ${attributes} AS ${dollar(body)}`;
}

/** While a swap closes the gate nobody may wait for the old table: the swap has it, and waits for the new one. What was written is kept for it. */
function closedGate(names: OnlineNames): string {
  return `
  IF NOT pg_try_advisory_xact_lock_shared(${names.gate}) THEN
    ${waiting(names)}
    RETURN NULL;
  END IF;`;
}

/**
 * A writer of the old version locks the old row and then the new one; a writer of the new version has the new row already, and must not wait for the
 * old one: its write is carried over by the one that has the lock, or by the next look at what waits.
 */
function locked(names: OnlineNames, way: Way, former: string): string {
  const row = `FROM ${way.target} AS t, (${former}) AS a WHERE ${sameKey(way, 't', 'a')}`;
  const strength = `FOR NO KEY UPDATE OF t SKIP LOCKED`;
  return `PERFORM 1 ${row} ${strength};
      IF NOT FOUND AND EXISTS (SELECT ${row}) THEN
        ${waiting(names)}
        RETURN NULL;
      END IF;`;
}

function waiting(names: OnlineNames): string {
  return `INSERT INTO ${names.unsettled} (side, key, operation, refused) SELECT DISTINCT 'new', k.key, TG_OP, false
      FROM (VALUES (polyshift_before), (polyshift_key)) AS k(key) WHERE k.key IS NOT NULL ON CONFLICT (side, key) DO NOTHING;`;
}

/** What a writer of the new version could not carry over because this row was locked is carried over now. */
function meanwhile(names: OnlineNames): string {
  return `
      IF EXISTS (${waits(names)}) THEN
        PERFORM ${names.settleNew}(polyshift_there, false);
      END IF;`;
}

function waits(names: OnlineNames): string {
  return `SELECT FROM ${names.unsettled} WHERE side = 'new' AND key = polyshift_there AND NOT refused`;
}

/** Rows of other tables that refer to the row: the writer must know, as with one table. */
const referenced = `IF SQLSTATE = '23503' AND TG_OP = 'DELETE' THEN RAISE; END IF;`;

function note(names: OnlineNames, way: Way, operation: string, refused: string, code: string, reason: string): string {
  return `INSERT INTO ${names.unsettled} (side, key, operation, refused, code, reason)
    SELECT DISTINCT '${way.side}', k.key, ${operation}, ${refused}, ${code}, ${reason}
    FROM (VALUES (polyshift_before), (polyshift_key)) AS k(key) WHERE k.key IS NOT NULL
    ON CONFLICT (side, key) DO UPDATE SET refused = true, code = excluded.code, reason = excluded.reason;`;
}

function insert(way: Way, rows: string): string {
  const list = quoteList(way.columns.map(({ name }) => name));
  return `INSERT INTO ${way.target} (${list}) OVERRIDING SYSTEM VALUE SELECT ${list} FROM (${rows}) AS f`;
}

function upsert(way: Way, rows: string): string {
  const keys = way.key.map(({ target }) => target);
  const set = way.columns
    .filter(({ name, update }) => update && !keys.includes(name))
    .map(({ name }) => `${quote(name)} = excluded.${quote(name)}`);
  return `${insert(way, rows)} ON CONFLICT (${keyList(way)}) DO ${set.length === 0 ? 'NOTHING' : `UPDATE SET ${set.join(', ')}`}`;
}

function keyList(way: Way): string {
  return quoteList(way.key.map(({ target }) => target));
}

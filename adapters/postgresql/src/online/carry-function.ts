import { quote } from '../identifiers.ts';
import { dollar } from '../type-change/convert.ts';
import { enterCarried, leaveCarried, outerCarried } from './carried.ts';
import type { OnlineNames } from './names.ts';
import { hasSourceKey, keyTexts, rowOf, sameKey, type Way } from './way.ts';
import { insertRows, upsertRows } from './write-rows.ts';

/** What is no refusal of the row but a state of the server or of the transaction: the writer gets it as it is. */
export const passing = `IF SQLSTATE ~ '^(40|53|54|55|57|58|XX)' THEN RAISE; END IF;`;

/** As the owner, under a search_path of its own: who writes to a table needs no right to the other one, and cannot turn the function against it. */
export const attributes = 'LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp';

/**
 * The trigger function that carries each write of a row over. An update carries what it has changed, so that what the other side has written to other
 * columns stays; where the other side has refused the row before, it carries all of it. What is refused, or cannot be carried now, is kept in the table of
 * unsettled writes.
 *
 * @param nests whether triggers or cascades of the table may write to rows of it whose own write is carried after theirs
 * @param refersToItself whether rows of the table refer to others of it, which the same statement may write: see {@link togetherFunction}
 */
export function carryFunction(
  names: OnlineNames,
  way: Way,
  { nests, refersToItself }: { readonly nests: boolean; readonly refersToItself: boolean },
): string {
  const { unsettled } = names;
  const isNew = way.side === 'new';
  const [fresh, former] = [way.mapped(rowOf(way, 'NEW')), way.mapped(rowOf(way, 'OLD'))];
  const body = `#variable_conflict use_column
DECLARE
  polyshift_before text[];
  polyshift_key text[];
  polyshift_there text[];
  polyshift_operation text := TG_OP;
  polyshift_full boolean := false;
  ${outerCarried(names)}
BEGIN
  IF TG_OP <> 'INSERT' THEN polyshift_before := ${keyTexts(way, 'OLD')}; END IF;
  IF TG_OP = 'DELETE' THEN polyshift_key := polyshift_before; ELSE polyshift_key := ${keyTexts(way, 'NEW')}; END IF;
  IF current_setting(${way.heeds}, true) = polyshift_key::text THEN
    PERFORM set_config(${way.heeds}, '', true);
    RETURN NULL;
  END IF;${isNew ? closedGate(names, way) : ''}${nests ? asItIsNow(names, way) : ''}
  BEGIN
    IF TG_OP = 'INSERT' THEN
      -- What was deleted and could not be carried over yet is written again: then all of it waits.
      UPDATE ${unsettled} SET operation = 'UPDATE' WHERE side = '${way.side}' AND key = polyshift_key AND operation = 'DELETE';
      IF FOUND THEN RETURN NULL; END IF;
      ${keyThere(way, fresh, 'polyshift_key')}
      PERFORM set_config(${way.sets}, polyshift_there::text, true), ${enterCarried(names)};
      ${insertRows(way, fresh)};
      ${nests ? `DELETE FROM ${unsettled} WHERE side = '${way.side}' AND key = polyshift_key AND NOT refused;` : ''}
    ELSIF TG_OP = 'UPDATE' THEN
      ${isNew ? `IF polyshift_before = polyshift_key THEN ${locked(names, way, former, 'NO KEY UPDATE')} ELSE ${locked(names, way, former, 'UPDATE')} END IF;` : ''}
      SELECT true, min(operation) FILTER (WHERE operation = 'INSERT') INTO polyshift_full, polyshift_operation
        FROM ${unsettled} WHERE side = '${way.side}' AND key IN (polyshift_before, polyshift_key) HAVING count(*) > 0;
      polyshift_operation := coalesce(polyshift_operation, 'UPDATE');
      ${keyThere(way, fresh, 'polyshift_key')}
      PERFORM set_config(${way.sets}, polyshift_there::text, true), ${enterCarried(names)};
      IF polyshift_operation = 'INSERT' THEN
        ${insertRows(way, fresh)};
      ELSE
        IF polyshift_full THEN
          ${update(way, former, fresh, (name) => `b.${name}`)}
        ELSE
          ${update(way, former, fresh, (name) => `CASE WHEN record_image_ne(ROW(a.${name}), ROW(b.${name})) THEN b.${name} ELSE t.${name} END`)}
        END IF;
        IF NOT FOUND${isNew ? '' : ` AND NOT EXISTS (${waits(names)})`} THEN
          IF polyshift_outer <> ''${nests ? ' OR pg_trigger_depth() > 1' : ''} THEN
            -- What this write comes from may have inserted the row, or deleted it there, and be carried after it.
            ${waiting(names, way)}
            polyshift_full := false;
          ELSE
            ${isNew ? `${upsertRows(way, fresh)};` : unseen(names, way, `${upsertRows(way, fresh)};`)}
          END IF;
        END IF;
      END IF;
      IF polyshift_full THEN
        DELETE FROM ${unsettled} WHERE side = '${way.side}' AND key IN (polyshift_before, polyshift_key);
      END IF;${isNew ? '' : meanwhile(names)}
    ELSE
      -- A row that the other side has never taken is not the one of this key there.
      DELETE FROM ${unsettled} WHERE side = '${way.side}' AND key = polyshift_key AND operation = 'INSERT';
      IF FOUND THEN RETURN NULL; END IF;
      ${isNew ? locked(names, way, former, 'UPDATE') : ''}
      ${keyThere(way, former, 'polyshift_before')}
      PERFORM set_config(${way.sets}, polyshift_there::text, true), ${enterCarried(names)};
      DELETE FROM ${way.target} AS t USING (${former}) AS a WHERE ${sameKey(way, 't', 'a')};
      IF NOT FOUND AND current_setting('transaction_isolation') <> 'read committed' THEN
        -- It may be there, and too new for this transaction to see.
        ${waiting(names, way)}
      ELSE
        DELETE FROM ${unsettled} WHERE (side = '${way.side}' AND key = polyshift_before) OR (side <> '${way.side}' AND key = polyshift_there);
      END IF;
    END IF;
    PERFORM set_config(${way.sets}, '', true), ${leaveCarried(names)};
  EXCEPTION WHEN OTHERS THEN
    ${passing}
    ${refersToItself ? untilTheEnd(names, way) : isNew ? referenced : ''}
    INSERT INTO ${unsettled} (side, key, operation, refused, code, reason)
    SELECT DISTINCT '${way.side}', k.key, polyshift_operation, true, SQLSTATE, SQLERRM
    FROM (VALUES (polyshift_before), (polyshift_key)) AS k(key) WHERE k.key IS NOT NULL
    ON CONFLICT (side, key) DO UPDATE SET refused = true, code = excluded.code, reason = excluded.reason;
  END;
  RETURN NULL;
END`;
  return `CREATE OR REPLACE FUNCTION ${way.carry}() RETURNS trigger ${attributes} AS ${dollar(body)}`;
}

/**
 * Takes the row as it is: what has been written to it because of rows of the same statement is carried by now, or waits. One that is not there any more
 * has been deleted, or has got another key, in the same way.
 */
function asItIsNow(names: OnlineNames, way: Way): string {
  return `
  IF TG_OP <> 'DELETE' THEN
    SELECT s.* INTO NEW FROM ${way.source} AS s WHERE ${hasSourceKey(way, 'polyshift_key')};
    IF NOT FOUND THEN
      IF polyshift_before <> polyshift_key THEN ${waiting(names, way)} END IF;
      RETURN NULL;
    END IF;
  END IF;`;
}

/** Finds the key that the row has on the other side: where types are the same it is the same. */
function keyThere(way: Way, row: string, same: string): string {
  if (way.key.every(({ sourceType, targetType }) => sourceType === targetType)) return `polyshift_there := ${same};`;
  const texts = way.key.map((each) => `f.${quote(each.target)}::${each.targetType}::text`);
  return `SELECT ARRAY[${texts.join(', ')}] INTO polyshift_there FROM (${row}) AS f;`;
}

function update(way: Way, former: string, fresh: string, value: (name: string) => string): string {
  const set = way.columns.filter((each) => each.update).map(({ name }) => `${quote(name)} = ${value(quote(name))}`);
  return `UPDATE ${way.target} AS t SET ${set.join(', ')} FROM (${former}) AS a, (${fresh}) AS b WHERE ${sameKey(way, 't', 'a')};`;
}

/** While a swap closes the gate nobody may wait for the old table: the swap has it, and waits for the new one. What was written is kept for it. */
function closedGate(names: OnlineNames, way: Way): string {
  return `
  IF NOT pg_try_advisory_xact_lock_shared(${names.gate}) THEN
    ${waiting(names, way)}
    RETURN NULL;
  END IF;`;
}

/**
 * A writer of the old version locks the old row and then the new one; a writer of the new version has the new row already, and must not wait for the
 * old one: its write is carried over by the one that has the lock, or by the next look at what waits.
 */
function locked(names: OnlineNames, way: Way, former: string, strength: 'UPDATE' | 'NO KEY UPDATE'): string {
  const row = `FROM ${way.target} AS t, (${former}) AS a WHERE ${sameKey(way, 't', 'a')}`;
  return `PERFORM 1 ${row} FOR ${strength} OF t SKIP LOCKED;
      IF NOT FOUND AND EXISTS (SELECT ${row}) THEN
        ${waiting(names, way)}
        RETURN NULL;
      END IF;`;
}

function waiting({ unsettled }: OnlineNames, { side }: Way): string {
  return `INSERT INTO ${unsettled} AS w (side, key, operation, refused) SELECT '${side}', k.key, k.operation, false
      FROM (VALUES (polyshift_key, TG_OP), (nullif(polyshift_before, polyshift_key), 'DELETE')) AS k(key, operation) WHERE k.key IS NOT NULL
      ON CONFLICT (side, key) DO UPDATE SET operation = CASE WHEN w.operation = 'INSERT' THEN w.operation ELSE excluded.operation END;`;
}

/** At stricter isolation a row that was copied after the transaction began is there and cannot be seen: it is written later. */
function unseen(names: OnlineNames, way: Way, write: string): string {
  return `IF current_setting('transaction_isolation') = 'read committed' THEN
            ${write}
          ELSE
            BEGIN
              ${write}
            EXCEPTION WHEN serialization_failure THEN
              ${waiting(names, way)}
            END;
          END IF;`;
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

/** What says that a foreign key is violated; RESTRICT has a code of its own from PostgreSQL 18 on. */
export const keyViolations = `('23503', '23001')`;

/** Rows of other tables that refer to the row: the writer must know, as with one table. */
const referenced = `IF SQLSTATE IN ${keyViolations} AND TG_OP = 'DELETE' THEN RAISE; END IF;`;

/** The store holds a statement against foreign keys at its end: what the rows that it is still to carry make right waits for that. */
function untilTheEnd({ unsettled }: OnlineNames, { side }: Way): string {
  return `IF SQLSTATE IN ${keyViolations} AND (TG_OP <> 'UPDATE' OR polyshift_before = polyshift_key) THEN
      INSERT INTO ${unsettled} AS w (side, key, operation, refused, code, reason)
      VALUES ('${side}', polyshift_key, coalesce(polyshift_operation, TG_OP), false, SQLSTATE, SQLERRM)
      ON CONFLICT (side, key) DO UPDATE SET operation = CASE WHEN w.operation = 'INSERT' THEN w.operation ELSE excluded.operation END,
        refused = false, code = excluded.code, reason = excluded.reason;
      RETURN NULL;
    END IF;`;
}

import { quote } from '../identifiers.ts';
import { dollar } from '../type-change/convert.ts';
import { enterCarried, leaveCarried, outerCarried } from './carried.ts';
import { attributes, passing } from './carry-function.ts';
import type { OnlineNames } from './names.ts';
import { allCarried, hasSourceKey, noneCarried, rowOfKey, rowsOfKey, sameKey, type Way } from './way.ts';
import { insertRows, keyList } from './write-rows.ts';

/**
 * The function that brings the other side's row to what this side has, whatever it was: true where they are equal then, false where it was refused.
 * With `only_missing` it leaves a row alone that is there.
 */
export function settleFunction(names: OnlineNames, way: Way): string {
  const { unsettled } = names;
  const [rows, bare] = [way.mapped(rowsOfKey(way, 'polyshift_key')), way.mapped(rowOfKey(way, 'polyshift_key'))];
  const set = way.columns.filter(({ update }) => update).map(({ name }) => `${quote(name)} = b.${quote(name)}`);
  const ownKey = hasSourceKey(way, 'polyshift_key');
  // The old row first, as whoever writes to it would: then nobody waits for the one that waits for him.
  const lock =
    way.side === 'old'
      ? `PERFORM 1 FROM ${way.source} AS s WHERE ${ownKey} FOR NO KEY UPDATE;`
      : `PERFORM 1 FROM ${way.target} AS t, (${bare}) AS a WHERE ${sameKey(way, 't', 'a')} FOR UPDATE OF t;`;
  const remove = `DELETE FROM ${way.target} AS t USING (${bare}) AS a WHERE ${sameKey(way, 't', 'a')};`;
  const body = `#variable_conflict use_column
DECLARE
  polyshift_operation text := CASE WHEN only_missing THEN 'INSERT' ELSE 'UPDATE' END;
  ${outerCarried(names)}
BEGIN
  SELECT operation INTO polyshift_operation FROM ${unsettled} WHERE side = '${way.side}' AND key = polyshift_key AND NOT only_missing;
  polyshift_operation := coalesce(polyshift_operation, CASE WHEN only_missing THEN 'INSERT' ELSE 'UPDATE' END);
  BEGIN
    PERFORM ${allCarried(way, enterCarried(names))};
    ${lock}
    IF polyshift_operation = 'DELETE' THEN
      -- The copying of rows may have brought it back meanwhile.
      DELETE FROM ${way.side === 'new' ? way.source : way.target} AS s ${way.side === 'new' ? `WHERE ${ownKey}` : `USING (${bare}) AS a WHERE ${sameKey(way, 's', 'a')}`};
      ${way.side === 'new' ? remove : ''}
    ELSIF NOT EXISTS ${rowsOfKey(way, 'polyshift_key')} THEN
      IF polyshift_operation <> 'INSERT' THEN
        ${remove}
      END IF;
    ELSIF only_missing THEN
      ${insertRows(way, rows)} ON CONFLICT (${keyList(way)}) DO NOTHING;
    ELSIF polyshift_operation = 'INSERT' THEN
      ${insertRows(way, rows)};
    ELSE
      UPDATE ${way.target} AS t SET ${set.join(', ')} FROM (${rows}) AS b WHERE ${sameKey(way, 't', 'b')};
      IF NOT FOUND THEN
        ${insertRows(way, rows)};
      END IF;
    END IF;
    IF NOT only_missing THEN
      DELETE FROM ${unsettled} WHERE side = '${way.side}' AND key = polyshift_key;
    END IF;
    PERFORM ${noneCarried(way, leaveCarried(names))};
    RETURN true;
  EXCEPTION WHEN OTHERS THEN
    ${passing}
    INSERT INTO ${unsettled} (side, key, operation, refused, code, reason)
    VALUES ('${way.side}', polyshift_key, polyshift_operation, true, SQLSTATE, SQLERRM)
    ON CONFLICT (side, key) DO UPDATE SET refused = true, code = excluded.code, reason = excluded.reason;
    RETURN false;
  END;
END`;
  return `CREATE OR REPLACE FUNCTION ${way.settle}(polyshift_key text[], only_missing boolean) RETURNS boolean ${attributes} AS ${dollar(body)}`;
}

/** What a TRUNCATE of one side does to the other. It fails where the other one cannot be truncated, as it would with one table. */
export function truncateFunction(names: OnlineNames, way: Way, name: string): string {
  const body = `DECLARE
  ${outerCarried(names)}
BEGIN
  IF current_setting(${way.heeds}, true) = 'truncate' THEN RETURN NULL; END IF;
  PERFORM set_config(${way.sets}, 'truncate', true), ${enterCarried(names)};
  TRUNCATE ${way.target};
  PERFORM set_config(${way.sets}, '', true), ${leaveCarried(names)};
  DELETE FROM ${names.unsettled};
  RETURN NULL;
END`;
  return `CREATE OR REPLACE FUNCTION ${name}() RETURNS trigger ${attributes} AS ${dollar(body)}`;
}

import { dollar } from '../type-change/convert.ts';
import { enterCarried, leaveCarried, outerCarried } from './carried.ts';
import { attributes, keyViolations, passing } from './carry-function.ts';
import type { OnlineNames } from './names.ts';
import { allCarried, hasSourceKey, noneCarried, rowOfKey, rowsOfKey, sameKey, type Way } from './way.ts';
import { insertRows, upsertRows } from './write-rows.ts';

/**
 * The function of a statement's end, for tables that refer to themselves: rows whose foreign key was violated because another row of the same statement had
 * not been carried yet are carried by one statement, as they were written. Where that fails each is tried by itself, and what the other side then still
 * refuses is kept as refused; a delete that it refuses fails the statement of the new version, as it would with one table.
 */
export function togetherFunction(names: OnlineNames, way: Way): string {
  const { unsettled } = names;
  const isNew = way.side === 'new';
  const ofStatement = `side = '${way.side}' AND NOT refused AND code IN ${keyViolations}`;
  const left = 'polyshift_left AS w';
  // Rows are removed first: what comes may have the values of a unique key that these had.
  const written = (condition: string): string =>
    way.mapped(
      rowsOfKey(way, 'w.key', {
        from: left,
        where: `${condition} AND (SELECT count(*) FROM polyshift_removed) IS NOT NULL`,
      }),
    );
  const gone = rowOfKey(
    way,
    'w.key',
    `${left} WHERE w.operation <> 'INSERT' AND NOT EXISTS (SELECT FROM ${way.source} AS s WHERE ${hasSourceKey(way, 'w.key')})`,
  );
  const body = `#variable_conflict use_column
DECLARE
  polyshift_row record;
  ${outerCarried(names)}
BEGIN
  -- What is carried over has no end of its own.
  IF '*' IN (current_setting(${way.sets}, true), current_setting(${way.heeds}, true)) THEN RETURN NULL; END IF;
  IF NOT EXISTS (SELECT FROM ${unsettled} WHERE ${ofStatement}) THEN RETURN NULL; END IF;${isNew ? unlessHeld(names, way, ofStatement) : ''}
  BEGIN
    PERFORM ${allCarried(way, enterCarried(names))};
    WITH polyshift_left AS MATERIALIZED (SELECT key, operation FROM ${unsettled} WHERE ${ofStatement}),
      polyshift_removed AS (DELETE FROM ${way.target} AS t USING (${way.mapped(gone)}) AS a WHERE ${sameKey(way, 't', 'a')} RETURNING 1),
      polyshift_inserted AS (${insertRows(way, written(`w.operation = 'INSERT'`))})
    ${upsertRows(way, written(`w.operation <> 'INSERT'`))};
    DELETE FROM ${unsettled} WHERE ${ofStatement};
    PERFORM ${noneCarried(way, leaveCarried(names))};
    RETURN NULL;
  EXCEPTION WHEN OTHERS THEN
    ${passing}
  END;
  FOR polyshift_row IN SELECT key, operation FROM ${unsettled} WHERE ${ofStatement} ORDER BY at DESC LOOP
    CONTINUE WHEN ${way.settle}(polyshift_row.key, false);${isNew ? refusedDelete(names, way) : ''}
  END LOOP;
  RETURN NULL;
END`;
  const name = isNew ? names.togetherNew : names.togetherOld;
  return `CREATE OR REPLACE FUNCTION ${name}() RETURNS trigger ${attributes} AS ${dollar(body)}`;
}

/** A writer of the new version does not wait for rows of the old one: where somebody has one of them, all of these wait for the next look. */
function unlessHeld({ unsettled }: OnlineNames, way: Way, ofStatement: string): string {
  const keys = way.mapped(rowOfKey(way, 'w.key', `${unsettled} AS w WHERE ${ofStatement}`));
  const rows = `FROM ${way.target} AS t, (${keys}) AS a WHERE ${sameKey(way, 't', 'a')}`;
  return `
  IF (SELECT count(*) FROM (SELECT 1 ${rows} FOR UPDATE OF t SKIP LOCKED) AS free) < (SELECT count(*) ${rows}) THEN
    UPDATE ${unsettled} SET code = NULL, reason = NULL WHERE ${ofStatement};
    RETURN NULL;
  END IF;`;
}

/** A delete that is refused is done once more, so that its writer gets the error as it is. */
function refusedDelete(names: OnlineNames, way: Way): string {
  const { unsettled } = names;
  const own = `side = 'new' AND key = polyshift_row.key`;
  return `
    IF polyshift_row.operation = 'DELETE' AND EXISTS (SELECT FROM ${unsettled} WHERE ${own} AND code IN ${keyViolations}) THEN
      PERFORM ${allCarried(way, enterCarried(names))};
      DELETE FROM ${way.target} AS t USING (${way.mapped(rowOfKey(way, 'polyshift_row.key'))}) AS a WHERE ${sameKey(way, 't', 'a')};
      PERFORM ${noneCarried(way, leaveCarried(names))};
      DELETE FROM ${unsettled} WHERE ${own};
    END IF;`;
}

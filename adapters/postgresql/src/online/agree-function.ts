import { quote } from '../identifiers.ts';
import { dollar } from '../type-change/convert.ts';
import { attributes } from './carry-function.ts';
import type { Mapping } from './mapping.ts';
import type { OnlineNames } from './names.ts';
import { rowsOfKey, sameKey, type Way } from './way.ts';

/**
 * The function that says of a row whose converted values are not what the old ones convert to whether they convert back to these: then the new version
 * has written them in a form of its own (`3` for 3.00), and both have the same.
 */
export function agreeFunction(names: OnlineNames, mapping: Mapping, toNew: Way, toOld: Way): string {
  const pairs = mapping.newColumns.flatMap(({ name, native, old, carried }) => {
    const former = mapping.oldColumns.find((each) => each.name === old);
    return carried === 'converted' && former ? [{ name, native, former }] : [];
  });
  const differs = pairs.map(
    ({ name, native, former }) =>
      `(f.${quote(name)}::${native}::text IS DISTINCT FROM n.${quote(name)}::text
        AND b.${quote(former.name)}::${former.native}::text IS DISTINCT FROM t.${quote(former.name)}::text)`,
  );
  const row = `(SELECT ${toNew.sourceColumns.map(({ name }) => `t.${quote(name)} AS ${quote(name)}`).join(', ')})`;
  const body = `BEGIN
  RETURN NOT EXISTS (
    SELECT FROM ${rowsOfKey(toOld, 'polyshift_key')} AS n
    CROSS JOIN (${toOld.mapped(rowsOfKey(toOld, 'polyshift_key'))}) AS b
    JOIN ${toOld.target} AS t ON ${sameKey(toOld, 't', 'b')}
    CROSS JOIN LATERAL (${toNew.mapped(row)}) AS f
    WHERE ${differs.length === 0 ? 'true' : differs.join(' OR ')});
EXCEPTION WHEN OTHERS THEN
  RETURN false;
END`;
  return `CREATE OR REPLACE FUNCTION ${names.agree}(polyshift_key text[]) RETURNS boolean ${attributes} STABLE AS ${dollar(body)}`;
}

import { type Check, changedRowChecks, type FoundRows, listExamples, pass, warn } from '@polyshift/core';
import type { Connection } from '../database.ts';
import { findRows } from '../handler/examples.ts';
import { quote } from '../identifiers.ts';
import { Parameters } from '../parameters.ts';
import { matchesImage, sameKey } from './image-table.ts';
import type { RowChange } from './row-change.ts';

const self = 'polyshift_images';
const none: FoundRows = { count: 0, examples: [] };

/** Holds every row against its image: it is what the change has made of it, or it was written since; and no other row meets the condition. */
export async function verifyChange(connection: Connection, change: RowChange): Promise<Check[]> {
  const counted = await count(connection, change);
  const { unchanged, written, missed } = await find(connection, change, counted);
  return [
    ...changedRowChecks(counted.kept, unchanged, written),
    missed.count === 0
      ? pass('rows_missed', 'no other row meets the conditions')
      : warn(
          'rows_missed',
          `${missed.count} rows meet the conditions now that did not before${listExamples(missed)}`,
          'The application writes such rows; see whether it should.',
        ),
  ];
}

interface Counts {
  readonly kept: number;
  readonly unchanged: number;
  readonly written: number;
  readonly missed: number;
}

/** Conditions over a row and its image. */
function conditions({ images }: RowChange, row: string, image: string) {
  const [before, after] = (['b', 'a'] as const).map((side) => matchesImage(images, row, image, side));
  return {
    unchanged: `(NOT ${image}.changed OR NOT (${after})) AND ${before}`,
    written: `${image}.changed AND NOT (${after}) AND NOT (${before})`,
  };
}

/** All that is asked of rows and images, in one pass over both. */
async function count(connection: Connection, change: RowChange): Promise<Counts> {
  const { images } = change;
  const { table, key } = images;
  const parameters = new Parameters();
  const name = quote(table.name);
  const [row, image] = [`${name}.${quote(key[0]!.name)} IS NOT NULL`, `${self}.k1 IS NOT NULL`];
  const { unchanged, written } = conditions(change, name, self);
  const found = await connection.row<Record<keyof Counts, string>>(
    `SELECT count(*) FILTER (WHERE ${self}.changed) AS kept,
       count(*) FILTER (WHERE ${row} AND ${image} AND ${unchanged}) AS unchanged,
       count(*) FILTER (WHERE ${row} AND ${image} AND ${written}) AS written,
       count(*) FILTER (WHERE ${self}.k1 IS NULL AND (${change.where(parameters.bind)})) AS missed
     FROM ${table.sql} FULL JOIN ${images.sql} AS ${self} ON ${sameKey(images, self, name)}`,
    parameters.values,
  );
  return {
    kept: Number(found!.kept),
    unchanged: Number(found!.unchanged),
    written: Number(found!.written),
    missed: Number(found!.missed),
  };
}

/** Names the rows of which there are some. */
async function find(
  connection: Connection,
  change: RowChange,
  counted: Counts,
): Promise<Record<'unchanged' | 'written' | 'missed', FoundRows>> {
  const { images } = change;
  const { table } = images;
  const name = quote(table.name);
  const { unchanged, written } = conditions(change, 'r', 'i');
  const withImage = (terms: string) =>
    findRows(connection, table, `EXISTS (SELECT FROM ${images.sql} AS i WHERE ${sameKey(images, 'i', 'r')} AND ${terms})`);
  const withoutImage = async (): Promise<FoundRows> => {
    const parameters = new Parameters();
    const condition = `(${change.where(parameters.bind)}) AND NOT EXISTS (SELECT FROM ${images.sql} AS ${self} WHERE ${sameKey(images, self, name)})`;
    return await findRows(connection, table, condition, { values: parameters.values, alias: table.name });
  };
  return {
    unchanged: counted.unchanged === 0 ? none : await withImage(unchanged),
    written: counted.written === 0 ? none : await withImage(written),
    missed: counted.missed === 0 ? none : await withoutImage(),
  };
}

import { quote } from '../identifiers.ts';
import { Parameters } from '../parameters.ts';
import { compareKey } from '../source/bounds.ts';
import { keyNames, keyRange, sameKey } from './image-table.ts';
import type { RowChange } from './row-change.ts';

/** A statement with its parameters. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** The alias of images, and the beginning of names that no column has which an expression of the user names without a table. */
const self = 'polyshift_images';

/** Which rows are next: those that meet the condition behind a key, and have no image. */
function nextRows({ images, where }: RowChange, after: readonly string[] | null, parameters: Parameters): string {
  const { table, key } = images;
  const name = quote(table.name);
  return [
    `(${where(parameters.bind)})`,
    ...(after ? [compareKey(key, '>', after, parameters.bind)] : []),
    `NOT EXISTS (SELECT FROM ${images.sql} AS ${self} WHERE ${sameKey(images, self, name)})`,
  ].join(' AND ');
}

/** Counts the rows that are still to be changed. */
export function countStatement(change: RowChange): Statement {
  const parameters = new Parameters();
  const text = `SELECT count(*) AS count FROM ${change.images.table.sql} WHERE ${nextRows(change, null, parameters)}`;
  return { text, values: parameters.values };
}

/**
 * Locks the next rows, changes them, and keeps what they held and hold, triggers included: one image written once for each row. Gives how many rows it has
 * found, how many of them it has changed, and the last key. Of a row that has got another key while it waited for the lock it has only the new key, by which
 * the change does not see it.
 */
export function changeAtOnce(change: RowChange, after: readonly string[] | null): Statement {
  const { images, values, batchSize } = change;
  const { table, key, columns } = images;
  const parameters = new Parameters();
  const name = quote(table.name);
  const column = (each: { readonly name: string }): string => `${name}.${quote(each.name)}`;
  const keys = key.map((_, index) => `${self}_k${index + 1}`);
  const before = columns.map((_, index) => `${self}_b${index + 1}`);
  const now = columns.map((_, index) => `${self}_a${index + 1}`);
  const list = [...key, ...columns].map((each, index) => `${column(each)} AS ${[...keys, ...before][index]}`);
  const picked = `SELECT ${list.join(', ')} FROM ${table.sql} WHERE ${nextRows(change, after, parameters)}
      ORDER BY ${key.map(column).join(', ')} LIMIT ${batchSize} FOR UPDATE OF ${name}`;
  const assigned = values(parameters.bind).map((value, index) => `${quote(columns[index]!.name)} = ${value}`);
  const same = key.map((each, index) => `${self}.${keys[index]} = ${column(each)}`).join(' AND ');
  const returned = [
    ...[...keys, ...before].map((each) => `${self}.${each}`),
    ...columns.map((each, index) => `${column(each)} AS ${now[index]}`),
  ];
  const kept = [
    ...keyNames(images),
    ...['b', 'a'].flatMap((side) => columns.map((_, index) => `${side}${index + 1}`)),
    'changed',
  ];
  const text = `WITH polyshift_picked AS MATERIALIZED (${picked}),
    polyshift_changed AS (UPDATE ${table.sql} SET ${assigned.join(', ')} FROM polyshift_picked AS ${self} WHERE ${same}
      RETURNING ${returned.join(', ')}, (${same}) AS ${self}_same),
    polyshift_kept AS (INSERT INTO ${images.sql} (${kept.join(', ')}) SELECT ${[...keys, ...before, ...now].join(', ')}, ${self}_same FROM polyshift_changed)
  SELECT (SELECT count(*) FROM polyshift_picked), (SELECT count(*) FROM polyshift_changed), ${keys.join(', ')} FROM polyshift_picked
  ORDER BY ${keys.map((each) => `${each} DESC`).join(', ')} LIMIT 1`;
  return { text, values: parameters.values };
}

/** Keeps the before-images of the next rows, which stay locked; gives their number and the last key. */
export function pickStatement(change: RowChange, after: readonly string[] | null): Statement {
  const { images, batchSize } = change;
  const { table, key, columns } = images;
  const parameters = new Parameters();
  const name = quote(table.name);
  const next = nextRows(change, after, parameters);
  const keys = key.map((column) => `${name}.${quote(column.name)}`);
  const before = columns.map((column) => `${name}.${quote(column.name)}`);
  const kept = keyNames(images);
  const text = `WITH picked AS (
    INSERT INTO ${images.sql} (${[...kept, ...columns.map((_, index) => `b${index + 1}`)].join(', ')})
    SELECT ${[...keys, ...before].join(', ')} FROM ${table.sql}
    WHERE ${next} ORDER BY ${keys.join(', ')} LIMIT ${batchSize} FOR UPDATE OF ${name}
    ON CONFLICT DO NOTHING RETURNING ${kept.join(', ')})
  SELECT count(*) OVER (), ${kept.join(', ')} FROM picked ORDER BY ${kept.map((each) => `${each} DESC`).join(', ')} LIMIT 1`;
  return { text, values: parameters.values };
}

/** Makes the change in the rows whose images are new, and keeps what the row holds afterwards, triggers included. */
export function changeStatement(
  { images, values }: RowChange,
  after: readonly string[] | null,
  upTo: readonly string[],
): Statement {
  const { table, key, columns } = images;
  const parameters = new Parameters();
  const name = quote(table.name);
  const assigned = values(parameters.bind).map((value, index) => `${quote(columns[index]!.name)} = ${value}`);
  const returned = [...key, ...columns].map((column, index) => `${name}.${quote(column.name)} AS r${index + 1}`);
  const afterImages = columns.map((_, index) => `a${index + 1} = changed.r${key.length + index + 1}`);
  const joined = key.map((_, index) => `kept.k${index + 1} = changed.r${index + 1}`).join(' AND ');
  // The names of the picked keys must not be those of any column that an expression of the user names without a table.
  const picked = key.map((_, index) => `k${index + 1} AS ${self}_${index + 1}`).join(', ');
  const match = key.map((column, index) => `${self}.${self}_${index + 1} = ${name}.${quote(column.name)}`).join(' AND ');
  const range = keyRange(images, 'i', after, upTo, parameters.bind);
  const bounds = [...(after ? [compareKey(key, '>', after, parameters.bind)] : []), compareKey(key, '<=', upTo, parameters.bind)];
  const text = `WITH changed AS (
    UPDATE ${table.sql} SET ${assigned.join(', ')}
    FROM (SELECT ${picked} FROM ${images.sql} AS i WHERE NOT i.changed AND ${range}) AS ${self}
    WHERE ${match} AND ${bounds.join(' AND ')}
    RETURNING ${returned.join(', ')})
  UPDATE ${images.sql} AS kept SET ${[...afterImages, 'changed = true'].join(', ')} FROM changed WHERE ${joined}`;
  return { text, values: parameters.values };
}

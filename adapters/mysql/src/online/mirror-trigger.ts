import { requireColumn, type Table } from '../catalog/table.ts';
import { literal, quote } from '../identifiers.ts';
import { sameExactly } from '../values/literal.ts';
import { layered, type MappedColumn, type Mapping, otherSide, sameRow, wayFrom } from './mapping.ts';
import type { OnlineNames, Side } from './names.ts';
import { fromPart, hubOf, partsIn } from './parts.ts';
import { recordRefused, refusedKey } from './refused.ts';
import { insertUnlessThere, looked, passing, type RowEvent, seeWhoseKey } from './trigger-sql.ts';

/** What a trigger is made from. */
export interface MirrorSource {
  readonly names: OnlineNames;
  readonly mapping: Mapping;
  readonly tables: Readonly<Record<Side, Table>>;
}

/**
 * Rows of another table refer to the row. Their foreign keys point to the old version, and stand for the new one as well: the writer of that
 * gets the error that it would get with one table.
 */
const referenced = [1217, 1451];

/**
 * The statement that creates the trigger which carries one kind of write of one version to the other. What it writes there fires the trigger of
 * that side, which sees by a variable of the session that it need not answer: the side that began, and the time of the statement, which is
 * the same for all that the statement fires. So what a statement that was cut off leaves behind means nothing to the next one.
 */
export function mirrorTrigger(side: Side, event: RowEvent, source: MirrorSource): string {
  const { names, mapping } = source;
  const other = otherSide(side);
  const key = rowKey(mapping, side, event === 'DELETE' ? 'OLD' : 'NEW');
  const before = event === 'UPDATE' ? rowKey(mapping, side, 'OLD') : key;
  const parts = partsIn(mapping)
    .filter((part) => hubOf(part) === side)
    .map((part) => fromPart(names, part));
  const isKey = [key, ...(event === 'UPDATE' ? [before] : [])].map((each) => `(${refusedKey(each)})`).join(' OR ');
  return `CREATE TRIGGER ${quote(names.schema)}.${quote(names.trigger(side, event.toLowerCase()))} AFTER ${event} ON ${names[side]} FOR EACH ROW
mirrored: BEGIN
  DECLARE polyshift_known INT DEFAULT 0;
  DECLARE polyshift_whole INT DEFAULT 0;
  DECLARE polyshift_number INT DEFAULT 0;
  DECLARE polyshift_reason TEXT CHARACTER SET utf8mb4;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN
    GET DIAGNOSTICS CONDITION 1 polyshift_number = MYSQL_ERRNO, polyshift_reason = MESSAGE_TEXT;
    SET ${names.origin} = NULL;
    IF polyshift_number IN (${[...passing, ...(side === 'new' ? referenced : [])].join(', ')}) THEN RESIGNAL; END IF;
    ${recordRefused(names, side, key, 'polyshift_number', 'polyshift_reason')};
  END;
  IF ${[`${names.copying} IS NOT NULL`, `${names.origin} <=> CONCAT(${literal(other)}, NOW(6))`, ...parts].join(' OR ')} THEN LEAVE mirrored; END IF;
  SET ${names.origin} = CONCAT(${literal(side)}, NOW(6));
  ${looked('polyshift_whole', `${names.refused} WHERE ${isKey}`)};
${event === 'DELETE' ? deletion(side, source) : writing(side, event, source)}
  IF polyshift_whole THEN DELETE FROM ${names.refused} WHERE ${isKey}; END IF;
  SET ${names.origin} = NULL;
END`;
}

/** Writes the row whole where it is missing, else what the statement has changed of it. */
function writing(side: Side, event: RowEvent, source: MirrorSource): string {
  const { names, mapping } = source;
  const target = names[otherSide(side)];
  const { columns } = wayFrom(mapping, side);
  const key = rowKey(mapping, side, 'NEW');
  const here = targetRow(source, side, key);
  const list = columns.map(({ name }) => quote(name)).join(', ');
  const keys = mapping.key.map((pair) => pair[otherSide(side)]);
  const set = columns
    .filter(({ name }) => !keys.includes(name))
    .map((column) => `${target}.${quote(column.name)} = ${updated(side, event, column, source)}`);
  return `${event === 'UPDATE' ? moving(side, source) : ''}
  ${looked('polyshift_known', `${target} WHERE ${here}`)};
  IF NOT polyshift_known THEN
    ${insertUnlessThere(target, list, values(side, 'NEW', source))};
    ${seeWhoseKey(target, here)}
  END IF;
${set.length === 0 ? '' : `  IF polyshift_known THEN UPDATE ${target} SET ${set.join(', ')} WHERE ${here}; END IF;`}`;
}

/** A row whose key has changed is moved first. */
function moving(side: Side, source: MirrorSource): string {
  const { names, mapping, tables } = source;
  const target = names[otherSide(side)];
  const same = mapping.key.map((pair) =>
    sameExactly(requireColumn(tables[side], pair[side]), `OLD.${quote(pair[side])}`, `NEW.${quote(pair[side])}`),
  );
  const set = mapping.key.map((pair) => `${quote(pair[otherSide(side)])} = NEW.${quote(pair[side])}`);
  return `  IF NOT (${same.join(' AND ')}) THEN
    UPDATE ${target} SET ${set.join(', ')} WHERE ${targetRow(source, side, rowKey(mapping, side, 'OLD'))};
  END IF;`;
}

/**
 * A row that is not copied yet is inserted and deleted again: deleting what is not there would lock the gap, and make those wait for each
 * other who insert into it.
 */
function deletion(side: Side, source: MirrorSource): string {
  const { names, mapping } = source;
  const target = names[otherSide(side)];
  const here = targetRow(source, side, rowKey(mapping, side, 'OLD'));
  const list = wayFrom(mapping, side)
    .columns.map(({ name }) => quote(name))
    .join(', ');
  return `  ${looked('polyshift_known', `${target} WHERE ${here}`)};
  IF NOT polyshift_known THEN
    BEGIN
      DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END;
      INSERT INTO ${target} (${list}) VALUES (${values(side, 'OLD', source)});
    END;
  END IF;
  DELETE FROM ${target} WHERE ${here};`;
}

/** What a column gets by an update: what it holds stays where nothing has changed that it is reckoned from. */
function updated(side: Side, event: RowEvent, column: MappedColumn, source: MirrorSource): string {
  const { names, tables } = source;
  const value = valueFrom(side, 'NEW', column, source);
  if (column.same || event === 'INSERT') return value;
  const changed = column.sources.map((name) => {
    const read = requireColumn(tables[side], name);
    return `NOT (${sameExactly(read, `OLD.${quote(name)}`, `NEW.${quote(name)}`)})`;
  });
  return `IF(${['polyshift_whole', ...changed].join(' OR ')}, ${value}, ${names[otherSide(side)]}.${quote(column.name)})`;
}

/**
 * What a column gets from the row that was written. It stands by itself, since an INSERT ... SELECT would lock the automatic numbers of a table until it
 * ends, and MariaDB lets no handler see what an UPDATE of joined tables meets.
 */
function valueFrom(side: Side, row: 'OLD' | 'NEW', column: MappedColumn, { mapping }: MirrorSource): string {
  if (column.same) return `${row}.${quote(column.from!)}`;
  const rows = layered(mapping, side, (name) => `${row}.${quote(name)}`);
  return `(SELECT polyshift_row.${quote(column.name)} FROM (${rows}) AS polyshift_row)`;
}

function values(side: Side, row: 'OLD' | 'NEW', source: MirrorSource): string {
  const { columns } = wayFrom(source.mapping, side);
  return columns.map((column) => valueFrom(side, row, column, source)).join(', ');
}

function rowKey(mapping: Mapping, side: Side, row: 'OLD' | 'NEW'): string[] {
  return mapping.key.map((pair) => `${row}.${quote(pair[side])}`);
}

function targetRow({ mapping, names }: MirrorSource, side: Side, key: readonly string[]): string {
  return sameRow(mapping, otherSide(side), `${names[otherSide(side)]}.`, (index) => key[index]!);
}

import { requireColumn, type Table } from '../catalog/table.ts';
import type { Connection, Queryable, Raw } from '../connection.ts';
import { describeKey } from '../handler/examples.ts';
import { literal, quote } from '../identifiers.ts';
import { keyType } from '../row-images/image-table.ts';
import type { Mapping } from './mapping.ts';
import type { OnlineNames, Side } from './names.ts';

/** A write that the other version has refused. */
export interface RefusedWrite {
  readonly side: Side;
  /** For people: `id=1`. */
  readonly key: string;
  readonly values: readonly Raw[];
  readonly reason: string;
}

/**
 * Creates the table of refused writes: at most one for each key, the side on which it was made, and what the other one has said to it. Its key
 * holds the keys of both versions.
 */
export async function createRefused(
  connection: Connection,
  names: OnlineNames,
  mapping: Pick<Mapping, 'key'>,
  old: Table,
  fresh: Table,
): Promise<void> {
  const keys = mapping.key.map((pair, index) => {
    const [left, right] = [requireColumn(old, pair.old), requireColumn(fresh, pair.new)];
    return `k${index + 1} ${left.native === right.native ? keyType(left) : widest(left.native, right.native)} NOT NULL`;
  });
  const parts = [
    ...keys,
    'side varchar(3) CHARACTER SET ascii NOT NULL',
    'number int NOT NULL',
    'reason text CHARACTER SET utf8mb4',
    'at datetime(6) NOT NULL',
    `PRIMARY KEY (${mapping.key.map((_, index) => `k${index + 1}`).join(', ')})`,
  ];
  await connection.execute(`CREATE TABLE IF NOT EXISTS ${names.refused} (${parts.join(', ')}) ENGINE=InnoDB`);
}

/** What records a refused write. Each of the key's values, the number and the reason are SQL. */
export function recordRefused(names: OnlineNames, side: Side, key: readonly string[], number: string, reason: string): string {
  const columns = [...key.map((_, index) => `k${index + 1}`), 'side', 'number', 'reason', 'at'];
  const values = [...key, literal(side), number, reason, 'UTC_TIMESTAMP(6)'];
  return `INSERT INTO ${names.refused} (${columns.join(', ')}) VALUES (${values.join(', ')})
    ON DUPLICATE KEY UPDATE side = VALUES(side), number = VALUES(number), reason = VALUES(reason), at = VALUES(at)`;
}

/** The condition that a record is of a key; each of its values is SQL. */
export function refusedKey(key: readonly string[], qualifier = ''): string {
  return key.map((value, index) => `${qualifier}k${index + 1} = ${value}`).join(' AND ');
}

/** How many writes are refused; of one side where it is given. 0 where there is no table of them. */
export async function countRefused(connection: Queryable, names: OnlineNames, side?: Side): Promise<number> {
  if (!(await hasRefused(connection, names))) return 0;
  const where = side === undefined ? '' : ` WHERE side = ${literal(side)}`;
  const row = await connection.row<{ count: string }>(`SELECT COUNT(*) AS count FROM ${names.refused}${where}`);
  return Number(row!.count);
}

/** Whether the table of refused writes is there. */
export async function hasRefused(connection: Queryable, names: OnlineNames): Promise<boolean> {
  const row = await connection.row(
    `SELECT 1 FROM information_schema.tables WHERE table_schema = ${literal(names.schema)} AND table_name = ${literal(names.refusedName)}`,
  );
  return row !== undefined;
}

/** The first refused writes, the oldest first. */
export async function readRefused(
  connection: Queryable,
  names: OnlineNames,
  mapping: Pick<Mapping, 'key'>,
  most: number,
  side?: Side,
): Promise<RefusedWrite[]> {
  const keys = mapping.key.map((_, index) => `k${index + 1}`);
  const of = side === undefined ? '' : ` WHERE side = ${literal(side)}`;
  const rows = await connection.values(
    `SELECT side, reason, ${keys.join(', ')} FROM ${names.refused}${of} ORDER BY at LIMIT ${most}`,
  );
  return rows.map(([side, reason, ...values]) => ({
    side: String(side) as Side,
    key: describeKey(
      mapping.key.map((pair) => pair[String(side) as Side]),
      values,
    ),
    values,
    reason: String(reason),
  }));
}

/** What a table calls its key in the table of refused writes, for joining both. */
export function joinRefused(mapping: Mapping, side: Side, row: string, refused: string): string {
  return mapping.key.map((pair, index) => `${refused}.k${index + 1} = ${row}.${quote(pair[side])}`).join(' AND ');
}

function widest(left: string, right: string): string {
  const positive = [left, right].map((native) => /unsigned/i.test(native));
  return positive[0] === positive[1] ? `bigint${positive[0] ? ' unsigned' : ''}` : 'decimal(20,0)';
}

import { type Check, type FoundRows, fail, listExamples, pass, warn } from '@polyshift/core';
import { readTable, requireColumn, type Table, type TableColumn } from '../catalog/table.ts';
import type { Connection, Queryable } from '../connection.ts';
import { describeKey } from '../handler/examples.ts';
import { quote } from '../identifiers.ts';
import { keyType, storageType } from '../row-images/image-table.ts';
import { compareKey, type Key } from '../source/bounds.ts';
import { readExpression, sameExactly } from '../values/literal.ts';
import { layered, type Mapping, sameRow, wayFrom } from './mapping.ts';
import { keyAlias, type Side } from './names.ts';
import type { OnlineWork } from './new-table.ts';
import { joinRefused } from './refused.ts';

const tableName = 'polyshift_compare';
/** Rows of one statement, each of which sees both versions at one moment. */
export const compareChunk = 20_000;
const shown = 5;

/** A value that one version should have, by what the other one holds (`x`), beside what it has (`y`), both in its own type. */
interface Pair {
  readonly side: Side;
  readonly column: TableColumn;
  readonly from: string | null;
  readonly x: string;
  readonly y: string;
}

/** What a comparison has found. */
interface Found {
  rows: number;
  missing: FoundRows;
  different: FoundRows;
  derived: FoundRows;
  extra: FoundRows;
}

/**
 * Holds both versions against each other, row by row in the server: each row of the old one has its row in the new one and the other way round, and
 * each column is, in its own type and to the letter, what the way there or the way back makes of the other one. Rows with a refused write are left
 * out: these are counted by themselves. Each chunk is one statement, so that writes of applications go on.
 */
export async function compareVersions(work: OnlineWork, mapping: Mapping): Promise<Check[]> {
  const tables = await readTables(work);
  const found = await work.database.dedicated((connection) => new Comparison(work, mapping, tables).run(connection));
  const { rows, missing, different, derived, extra } = found;
  const problems = [
    ...(missing.count > 0 ? [`${missing.count} rows are not in the new version${listExamples(missing)}`] : []),
    ...(extra.count > 0 ? [`${extra.count} rows are only in the new version${listExamples(extra)}`] : []),
    ...(different.count > 0 ? [`${different.count} rows differ${listExamples(different)}`] : []),
  ];
  if (problems.length > 0)
    return [
      fail(
        'versions_equal',
        `of ${rows} rows ${problems.join('; ')}`,
        'See who has written past the triggers (TRUNCATE, foreign keys, a session without them); write these rows again.',
        { rows, missing: missing.count, extra: extra.count, different: different.count },
      ),
    ];
  return [
    pass('versions_equal', `both versions say the same of ${rows} rows`, { rows }),
    ...(derived.count > 0
      ? [
          warn(
            'derived_values',
            `${derived.count} rows hold another value than the change would give them${listExamples(derived)}`,
            'Nothing to do where the new version of the application has written them.',
            { rows: derived.count },
          ),
        ]
      : []),
  ];
}

/** Both tables as they are. */
export async function readTables({
  database,
  operation,
  undo,
}: Pick<OnlineWork, 'database' | 'operation' | 'undo'>): Promise<Record<Side, Table>> {
  return { old: await readTable(database, operation.collection), new: await readTable(database, undo.new_collection) };
}

class Comparison {
  private readonly work: OnlineWork;
  private readonly mapping: Mapping;
  private readonly key: readonly TableColumn[];
  private readonly pairs: readonly Pair[];
  /** The condition over `o` and `n` that all columns are the same which are the same in both. */
  private readonly same: string;

  constructor(work: OnlineWork, mapping: Mapping, tables: Record<Side, Table>) {
    this.work = work;
    this.mapping = mapping;
    this.key = mapping.key.map((pair) => requireColumn(tables.old, pair.old));
    const pairs: Pair[] = [];
    for (const side of ['new', 'old'] as const) {
      const columns = wayFrom(mapping, side === 'new' ? 'old' : 'new').columns.filter(({ same }) => !same);
      for (const { name, from } of columns) {
        const number = pairs.length + 1;
        pairs.push({ side, column: requireColumn(tables[side], name), from, x: `x${number}`, y: `y${number}` });
      }
    }
    this.pairs = pairs;
    const same = mapping.forward.columns
      .filter((column) => column.same)
      .map(({ name, from }) => sameExactly(requireColumn(tables.old, from!), `o.${quote(from!)}`, `n.${quote(name)}`));
    this.same = same.length === 0 ? 'TRUE' : same.join(' AND ');
  }

  async run(connection: Connection): Promise<Found> {
    // What does not fit a type is bent here, so that it is found to differ; whether it may be written is not asked.
    await connection.execute("SET SESSION sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO'");
    await this.create(connection);
    const total: Found = {
      rows: 0,
      missing: noRows(),
      different: noRows(),
      derived: noRows(),
      extra: await this.extra(connection),
    };
    for (let after: Key | null = null; ; ) {
      const last = await this.end(connection, after);
      if (last === undefined) return total;
      await connection.execute(`DELETE FROM ${tableName}`);
      total.rows += await connection.execute(this.fill(after, last));
      await this.count(connection, total);
      after = last;
    }
  }

  private async create(connection: Connection): Promise<void> {
    const columns = [
      ...this.key.map((column, index) => `k${index + 1} ${keyType(column)} NOT NULL`),
      'missing boolean NOT NULL',
      'same boolean NOT NULL',
      ...this.pairs.flatMap(({ column, x, y }) => [`${x} ${pairType(column)} NULL`, `${y} ${pairType(column)} NULL`]),
    ];
    await connection.execute(`CREATE TEMPORARY TABLE ${tableName} (${columns.join(', ')}) ENGINE=InnoDB`);
  }

  private async end(connection: Queryable, after: Key | null): Promise<Key | undefined> {
    const read = this.key.map((column) => readExpression(column, 'o.')).join(', ');
    const keys = this.names('s.').join(', ');
    const [row] = await connection.values(
      `SELECT ${read} FROM (SELECT ${keys} FROM ${this.work.names.old} AS s WHERE ${this.range('s.', after, null)} ORDER BY ${keys} LIMIT ${compareChunk}) AS o
       ORDER BY ${this.names('o.')
         .map((name) => `${name} DESC`)
         .join(', ')} LIMIT 1`,
    );
    return row as Key | undefined;
  }

  private fill(after: Key | null, last: Key): string {
    const { names } = this.work;
    const forward = layered(
      this.mapping,
      'old',
      (column) => `s.${quote(column)}`,
      ` FROM ${names.old} AS s WHERE ${this.range('s.', after, last)}`,
    );
    const back = layered(this.mapping, 'new', (column) => `s.${quote(column)}`, ` FROM ${names.new} AS s`);
    const values = this.pairs.flatMap(({ side, column }) =>
      side === 'new'
        ? [`f.${quote(column.name)}`, `n.${quote(column.name)}`]
        : [`b.${quote(column.name)}`, `o.${quote(column.name)}`],
    );
    const columns = [
      ...this.key.map((_, index) => `k${index + 1}`),
      'missing',
      'same',
      ...this.pairs.flatMap(({ x, y }) => [x, y]),
    ];
    const needsForward = this.pairs.some(({ side }) => side === 'new');
    const needsBack = this.pairs.some(({ side }) => side === 'old');
    const aliased = (row: string): string =>
      this.mapping.key
        .map(
          (pair, index) => `${row}.${keyAlias(index)} = ${row === 'f' ? 'o' : 'n'}.${quote(row === 'f' ? pair.old : pair.new)}`,
        )
        .join(' AND ');
    const there = `n.${quote(this.mapping.key[0]!.new)}`;
    return `INSERT INTO ${tableName} (${columns.join(', ')})
      SELECT ${[...this.names('o.'), `${there} IS NULL`, `COALESCE(${this.same}, FALSE)`, ...values].join(', ')}
      FROM ${names.old} AS o
      ${needsForward ? `JOIN (${forward}) AS f ON ${aliased('f')}` : ''}
      LEFT JOIN ${names.new} AS n ON ${sameRow(this.mapping, 'new', 'n.', (index) => `o.${quote(this.key[index]!.name)}`)}
      ${needsBack ? `LEFT JOIN (${back}) AS b ON ${aliased('b')}` : ''}
      WHERE ${this.range('o.', after, last)}`;
  }

  private async count(connection: Connection, total: Found): Promise<void> {
    const is = ({ column, x, y }: Pair): string => `(${sameExactly(column, `c.${x}`, `c.${y}`)})`;
    const conditions = this.pairs
      .filter(({ side, from }) => side === 'new' && from !== null)
      .map((pair) => {
        // What was written by the new version need only hold on the way back.
        const back = this.pairs.find((each) => each.side === 'old' && each.column.name === pair.from);
        return back ? `(${is(pair)} OR ${is(back)})` : is(pair);
      });
    const derived = this.pairs.filter(({ side, from }) => from === null && side === 'new').map(is);
    const holds = ['c.same', ...conditions].join(' AND ');
    total.missing = addRows(total.missing, await this.rows(connection, 'c.missing'));
    total.different = addRows(total.different, await this.rows(connection, `NOT c.missing AND NOT (${holds})`));
    if (derived.length === 0) return;
    total.derived = addRows(
      total.derived,
      await this.rows(connection, `NOT c.missing AND ${holds} AND NOT (${derived.join(' AND ')})`),
    );
  }

  private async rows(connection: Connection, condition: string): Promise<FoundRows> {
    const keys = this.key.map((_, index) => `c.k${index + 1}`);
    const refused = keys.map((key, index) => `r.k${index + 1} = ${key}`).join(' AND ');
    const from = `FROM ${tableName} AS c LEFT JOIN ${this.work.names.refused} AS r ON ${refused} WHERE r.side IS NULL AND ${condition}`;
    return await foundRows(
      connection,
      keys,
      this.key.map(({ name }) => name),
      from,
    );
  }

  /** Rows of the new version that the old one does not have. */
  private async extra(connection: Connection): Promise<FoundRows> {
    const { names } = this.work;
    const keys = this.mapping.key.map((pair) => `n.${quote(pair.new)}`);
    const same = sameRow(this.mapping, 'old', 'o.', (index) => keys[index]!);
    const from = `FROM ${names.new} AS n LEFT JOIN ${names.old} AS o ON ${same} LEFT JOIN ${names.refused} AS r ON ${joinRefused(this.mapping, 'new', 'n', 'r')}
      WHERE o.${quote(this.key[0]!.name)} IS NULL AND r.side IS NULL`;
    return await foundRows(
      connection,
      keys,
      this.mapping.key.map((pair) => pair.new),
      from,
    );
  }

  private range(qualifier: string, after: Key | null, last: Key | null): string {
    const keys = this.names(qualifier);
    const terms = [
      ...(after === null ? [] : [compareKey(this.key, keys, '>', after)]),
      ...(last === null ? [] : [compareKey(this.key, keys, '<=', last)]),
    ];
    return terms.length === 0 ? literalTrue : terms.join(' AND ');
  }

  private names(qualifier: string): string[] {
    return this.key.map(({ name }) => `${qualifier}${quote(name)}`);
  }
}

const literalTrue = 'TRUE';

/** The type in which a value is held beside another: that of its column, since a value is bent when it gets it. */
function pairType(column: TableColumn): string {
  const own = keyType(column);
  return /^(var)?char|^(var)?binary/i.test(own) ? own : storageType(column);
}

/** Counts rows and names the first ones; `from` is what stands behind the list of a SELECT. */
export async function foundRows(
  connection: Queryable,
  keys: readonly string[],
  names: readonly string[],
  from: string,
): Promise<FoundRows> {
  const row = await connection.row<{ count: string }>(`SELECT COUNT(*) AS count ${from}`);
  const count = Number(row!.count);
  if (count === 0) return noRows();
  const rows = await connection.values(`SELECT ${keys.join(', ')} ${from} ORDER BY ${keys.join(', ')} LIMIT ${shown}`);
  return { count, examples: rows.map((values) => describeKey(names, values)) };
}

/** Found nothing. */
export function noRows(): FoundRows {
  return { count: 0, examples: [] };
}

/** What two chunks have found. */
export function addRows(left: FoundRows, right: FoundRows): FoundRows {
  return { count: left.count + right.count, examples: [...left.examples, ...right.examples].slice(0, shown) };
}

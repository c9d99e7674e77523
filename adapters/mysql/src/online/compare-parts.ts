import { type Check, type FoundRows, fail, listExamples, pass } from '@polyshift/core';
import { requireColumn, type Table, type TableColumn } from '../catalog/table.ts';
import type { Queryable } from '../connection.ts';
import { quote } from '../identifiers.ts';
import { compareKey, type Key } from '../source/bounds.ts';
import { readExpression, sameExactly } from '../values/literal.ts';
import { addRows, compareChunk, foundRows, noRows } from './compare.ts';
import { type Mapping, otherSide, type Part } from './mapping.ts';
import type { OnlineWork } from './new-table.ts';
import { partWork, readPart } from './part-work.ts';
import { hubOf, partsIn } from './parts.ts';

/**
 * Holds each part against its hub: what a row of the hub says is, to the letter, what its row of the part says, no row being the same as one of nulls;
 * and no row of the part is without its hub. Rows with a refused write are left out. Each chunk is one statement, as between the two versions.
 */
export async function compareParts(work: OnlineWork, mapping: Mapping): Promise<Check[]> {
  const checks: Check[] = [];
  for (const part of partsIn(mapping)) checks.push(await comparePart(work, part));
  return checks;
}

async function comparePart(work: OnlineWork, part: Part): Promise<Check> {
  const { hub, table } = await readPart(work, part);
  const comparison = new PartComparison(work, part, hub);
  const { rows, different } = await comparison.hubRows(work.database);
  const alone = await comparison.partRows(work.database);
  const problems = [
    ...(different.count > 0 ? [`${different.count} differ${listExamples(different)}`] : []),
    ...(alone.count > 0 ? [`${alone.count} rows of ${table.name} belong to none${listExamples(alone)}`] : []),
  ];
  if (problems.length === 0) return pass('parts_equal', `${table.name} and ${hub.name} say the same of ${rows} rows`, { rows });
  return fail(
    'parts_equal',
    `of ${rows} rows of ${hub.name} and ${table.name} ${problems.join('; ')}`,
    'See who has written past the triggers (TRUNCATE, foreign keys, a session without them); write these rows again.',
    { rows, different: different.count, alone: alone.count },
  );
}

class PartComparison {
  private readonly work: OnlineWork;
  private readonly main: OnlineWork;
  private readonly part: Part;
  private readonly hub: Table;
  private readonly keys: readonly TableColumn[];

  constructor(work: OnlineWork, part: Part, hub: Table) {
    this.main = work;
    this.work = partWork(work, part);
    this.part = part;
    this.hub = hub;
    this.keys = part.key.map((pair) => requireColumn(hub, pair[hubOf(part)]));
  }

  async hubRows(connection: Queryable): Promise<{ rows: number; different: FoundRows }> {
    const { names } = this.work;
    const same = this.part.fields.map((field) =>
      sameExactly(requireColumn(this.hub, field), `h.${quote(field)}`, `p.${quote(field)}`),
    );
    let rows = 0;
    let different = noRows();
    for (let after: Key | null = null; ; ) {
      const last = await this.end(connection, after);
      if (last === undefined) return { rows, different };
      const range = this.range('h.', after, last);
      const counted = await connection.row<{ count: string }>(
        `SELECT COUNT(*) AS count FROM ${names[hubOf(this.part)]} AS h WHERE ${range}`,
      );
      rows += Number(counted!.count);
      const from = `FROM ${names[hubOf(this.part)]} AS h LEFT JOIN ${names[otherSide(hubOf(this.part))]} AS p ON ${this.joined()}
        LEFT JOIN ${names.refused} AS r ON ${this.record('r', 'h')} WHERE ${range} AND r.side IS NULL AND NOT (${same.join(' AND ')})`;
      different = addRows(
        different,
        await foundRows(
          connection,
          this.names('h.'),
          this.keys.map(({ name }) => name),
          from,
        ),
      );
      after = last;
    }
  }

  /** Rows of the part without a hub, but for those of rows that the two versions do not agree on either. */
  async partRows(connection: Queryable): Promise<FoundRows> {
    const { names } = this.work;
    const side = otherSide(hubOf(this.part));
    const own = this.part.key.map((pair) => pair[side]);
    const from = `FROM ${names[side]} AS p LEFT JOIN ${names[hubOf(this.part)]} AS h ON ${this.joined()}
      LEFT JOIN ${names.refused} AS r ON ${this.record('r', 'p')} LEFT JOIN ${this.main.names.refused} AS m ON ${this.record('m', 'p')}
      WHERE h.${quote(this.keys[0]!.name)} IS NULL AND r.side IS NULL AND m.side IS NULL`;
    return await foundRows(
      connection,
      own.map((name) => `p.${quote(name)}`),
      own,
      from,
    );
  }

  private async end(connection: Queryable, after: Key | null): Promise<Key | undefined> {
    const table = this.work.names[hubOf(this.part)];
    const read = this.keys.map((column) => readExpression(column, 'o.')).join(', ');
    const keys = this.names('s.').join(', ');
    const order = this.names('o.').map((name) => `${name} DESC`);
    const [row] = await connection.values(
      `SELECT ${read} FROM (SELECT ${keys} FROM ${table} AS s WHERE ${this.range('s.', after, null)} ORDER BY ${keys} LIMIT ${compareChunk}) AS o
       ORDER BY ${order.join(', ')} LIMIT 1`,
    );
    return row as Key | undefined;
  }

  private range(qualifier: string, after: Key | null, last: Key | null): string {
    const names = this.names(qualifier);
    const terms = [
      ...(after === null ? [] : [compareKey(this.keys, names, '>', after)]),
      ...(last === null ? [] : [compareKey(this.keys, names, '<=', last)]),
    ];
    return terms.length === 0 ? 'TRUE' : terms.join(' AND ');
  }

  private joined(): string {
    const hub = hubOf(this.part);
    return this.part.key.map((pair) => `p.${quote(pair[otherSide(hub)])} = h.${quote(pair[hub])}`).join(' AND ');
  }

  private record(records: string, row: 'h' | 'p'): string {
    const side = row === 'h' ? hubOf(this.part) : otherSide(hubOf(this.part));
    return this.part.key.map((pair, index) => `${records}.k${index + 1} = ${row}.${quote(pair[side])}`).join(' AND ');
  }

  private names(qualifier: string): string[] {
    return this.keys.map(({ name }) => `${qualifier}${quote(name)}`);
  }
}

import type { Column, Source, SourceQuery } from '@polyshift/core';
import type { JoinOf, OpenJoined } from './joined.ts';

/** A join with what its rows are. */
export interface OpenJoin {
  readonly join: JoinOf;
  /** The columns of the joined table that are given, those that are only compared left out. */
  readonly columns: readonly Column[];
  /** Whether the joined rows are documents. */
  readonly dynamic: boolean;
  /** Whether the join gives one field (a document or an array) instead of columns. */
  readonly embedded: boolean;
  /** What to read: all but the conditions on the compared fields. */
  readonly query: SourceQuery;
  /** Fields that are read to be compared, and not given. */
  readonly hidden: ReadonlySet<string>;
}

/** Finds out what the rows of a join are, without reading any. */
export async function describeJoin(
  openJoined: OpenJoined,
  source: Source,
  join: JoinOf,
  intoDocuments: boolean,
): Promise<OpenJoin> {
  const compared = Object.keys(join.on);
  const fields = join.fields && [...new Set([...join.fields, ...compared])];
  const query: SourceQuery = {
    collection: join.table,
    conditions: join.conditions,
    fields,
    key: join.key,
    params: join.extraction_params,
  };
  const scan = await openJoined(source, query, join.joins ?? []);
  try {
    const { columns, dynamic } = scan.description;
    const hidden = new Set(join.fields ? compared.filter((name) => !join.fields!.includes(name)) : []);
    return {
      join,
      columns: columns.filter((column) => !hidden.has(column.name)),
      dynamic,
      embedded: join.kind === 'many' || join.embed === true || dynamic || intoDocuments,
      query,
      hidden,
    };
  } finally {
    await scan[Symbol.asyncDispose]();
  }
}

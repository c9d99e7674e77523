import {
  type Batch,
  batchSize,
  type Conditions,
  type JsonValue,
  PolyshiftError,
  type PortableDocument,
  type Source,
} from '@polyshift/core';
import { type Input, inputOf } from '../transform/input.ts';
import { type JoinKey, joinKeyOf, type TypedValue } from './join-key.ts';
import type { OpenJoined } from './joined.ts';
import type { OpenJoin } from './open-join.ts';

/** Values in one condition, at most. */
const valuesAtOnce = 1000;

/** Rows in one read of joined rows, at most. */
const rowsAtOnce = 1000;

/** The joined rows of one key, in the order of their scan. */
export interface JoinedGroup {
  /** As documents where the join embeds them, else as values by position; empty where only their being there is asked for. */
  readonly rows: unknown[];
  /** How many there are, also beyond the limit, behind which they are not kept. */
  count: number;
  /** Why one of them cannot be given; undefined where all can. */
  refused: string | undefined;
}

/** Reads the joined rows of a batch: for the keys of its rows, each once. */
export async function fetchJoined(
  openJoined: OpenJoined,
  source: Source,
  open: OpenJoin,
  keys: readonly (JoinKey | undefined)[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, JoinedGroup>> {
  const wanted = new Map<string, JoinKey>();
  for (const key of keys) if (key && key.refused === undefined) wanted.set(key.text, key);
  const groups = new Map<string, JoinedGroup>();
  const all = [...wanted.values()];
  for (let from = 0; from < all.length; from += valuesAtOnce) {
    const query = { ...open.query, conditions: conditionsOf(open, all.slice(from, from + valuesAtOnce)) };
    const scan = await openJoined(source, query, open.join.joins ?? []);
    try {
      const input = inputOf(scan.description);
      const [partition] = await scan.partitions(1);
      const compared = comparedFields(input, Object.keys(open.join.on));
      for await (const { batch, refused = [] } of scan.read(partition!, { batch_size: rowsAtOnce, signal })) {
        input.use(batch);
        const reasons = new Map(refused.map(({ index, message }) => [index, message]));
        const rows = rowsOf(batch);
        for (let index = 0; index < batchSize(batch); index++) {
          const key = joinKeyOf(compared(rows[index]));
          // Conditions on several fields give more than the pairs that were asked for.
          if (key && wanted.has(key.text)) add(groups, open, key.text, input, rows[index], reasons.get(index));
        }
      }
    } finally {
      await scan[Symbol.asyncDispose]();
    }
  }
  return groups;
}

function add(
  groups: Map<string, JoinedGroup>,
  open: OpenJoin,
  key: string,
  input: Input,
  row: unknown,
  refused: string | undefined,
): void {
  const group = groups.get(key) ?? { rows: [], count: 0, refused: undefined };
  groups.set(key, group);
  group.count++;
  group.refused ??= refused;
  const { kind, max_rows } = open.join;
  if (kind === 'exists' || group.count > (kind === 'one' ? 1 : max_rows)) return;
  group.rows.push(open.embedded ? visible(input.document(row), open.hidden) : columnValues(open, input, row));
}

/** The raw values of the columns that the join gives. */
function columnValues(open: OpenJoin, input: Input, row: unknown): unknown[] {
  return open.columns.map((column) => input.field(column.name)?.read(row));
}

function visible(document: PortableDocument, hidden: ReadonlySet<string>): PortableDocument {
  if (hidden.size === 0) return document;
  return new Map([...document].filter(([name]) => !hidden.has(name)));
}

/** The conditions of the join, and one on each compared field. */
function conditionsOf({ join }: OpenJoin, keys: readonly JoinKey[]): Conditions {
  const lists = Object.keys(join.on).map((field, position): Conditions => {
    const values = new Map(keys.map((key): [string, JsonValue] => [JSON.stringify(key.values[position]), key.values[position]!]));
    return { [field]: { in: [...values.values()] } };
  });
  return { and: [...(join.conditions ? [join.conditions] : []), ...lists] };
}

/** Reads the fields that are compared. Throws UNKNOWN_FIELD. */
export function comparedFields(input: Input, names: readonly string[]): (row: unknown) => TypedValue[] {
  const fields = names.map((name) => {
    const field = input.field(name);
    if (!field) {
      const near = input.nearest(name);
      throw new PolyshiftError('UNKNOWN_FIELD', `a join compares "${name}", which is no column`, {
        hint: near ? `Did you mean "${near}"?` : `There are ${input.names.slice(0, 12).join(', ')}.`,
      });
    }
    return field;
  });
  return (row) =>
    fields.map((field): TypedValue => {
      const raw = field.read(row);
      return [field.column.type, raw === null || raw === undefined ? raw : field.column.decode(raw)];
    });
}

/** The rows or documents of a batch. */
function rowsOf(batch: Batch): readonly unknown[] {
  return batch.kind === 'rows' ? batch.rows : batch.documents;
}

import {
  type Batch,
  type Column,
  type PortableDocument,
  type PortableValue,
  portableColumn,
  type SourceDescription,
} from '@polyshift/core';
import { inputOf } from '../transform/input.ts';
import type { SourceRejection } from '../transform/transform-batch.ts';
import { comparedFields, type JoinedGroup } from './fetch-joined.ts';
import { type JoinKey, joinKeyOf } from './join-key.ts';
import { refusalOf } from './join-refusals.ts';
import type { JoinedRows } from './joined.ts';
import type { OpenJoin } from './open-join.ts';

/** Puts joined rows into the rows of a batch. */
export interface Joiner {
  readonly columns: readonly Column[];
  /** The keys of the rows of a batch for one join; undefined where a part is null. */
  keysOf(batch: Batch, open: OpenJoin): (JoinKey | undefined)[];
  /** The batch with what is joined to it, by the joins. */
  join(
    batch: Batch,
    keys: readonly (readonly (JoinKey | undefined)[])[],
    found: readonly ReadonlyMap<string, JoinedGroup>[],
  ): JoinedRows;
}

/** Joins to rows: columns behind those of the row. */
export function joinRows(description: SourceDescription, joins: readonly OpenJoin[], hidden: ReadonlySet<string>): Joiner {
  const input = inputOf(description);
  const given = description.columns.flatMap((column, position) => (hidden.has(column.name) ? [] : [position]));
  const columns = [...given.map((position) => description.columns[position]!), ...joins.flatMap(columnsOf)];
  const compared = new Map(joins.map((open) => [open, comparedFields(input, Object.values(open.join.on))]));
  return {
    columns,
    keysOf: (batch, open) => {
      if (batch.kind !== 'rows') throw new TypeError('a scan of rows gave documents');
      const read = compared.get(open)!;
      return batch.rows.map((row) => joinKeyOf(read(row), open.dynamic));
    },
    join: (batch, keys, found) => {
      if (batch.kind !== 'rows') throw new TypeError('a scan of rows gave documents');
      const refused: SourceRejection[] = [];
      const rows = batch.rows.map((row, index) => {
        const joined = given.map((position) => row[position]);
        let refusal: SourceRejection | undefined;
        for (const [position, open] of joins.entries()) {
          const key = keys[position]![index];
          const group = key && found[position]!.get(key.text);
          refusal ??= refusalOf(index, open, key, group);
          joined.push(...valuesOf(open, group));
        }
        if (refusal) refused.push(refusal);
        return joined;
      });
      return { batch: { kind: 'rows', columns, rows }, refused };
    },
  };
}

function columnsOf(open: OpenJoin): Column[] {
  const { kind, as } = open.join;
  if (kind === 'exists') return [];
  if (kind === 'many') return [portableColumn(as, { kind: 'array', of: { kind: 'document' } }, false)];
  if (open.embedded) return [portableColumn(as, { kind: 'document' })];
  return open.columns.map((column) => ({ ...column, name: `${as}.${column.name}`, nullable: true }));
}

function valuesOf(open: OpenJoin, group: JoinedGroup | undefined): unknown[] {
  const { kind } = open.join;
  if (kind === 'exists') return [];
  if (open.embedded) return [embeddedValue(open, group)];
  return (group?.rows[0] as unknown[] | undefined) ?? open.columns.map(() => null);
}

/** What an embedding join gives for a row. */
export function embeddedValue(open: OpenJoin, group: JoinedGroup | undefined): PortableValue {
  const documents = (group?.rows ?? []) as PortableDocument[];
  return open.join.kind === 'many' ? documents : (documents[0] ?? null);
}

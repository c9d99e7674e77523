import {
  type ConditionNode,
  type JsonValue,
  nearest,
  PolyshiftError,
  type PortableValue,
  parseConditions,
  type Source,
} from '@polyshift/core';
import { keyOf, type MemoryDatabase, type MemoryRow, type MemoryTable } from './database.ts';

export function memorySource(database: MemoryDatabase, client: { dead: boolean }): Source {
  return {
    async scan(query) {
      database.answer(client);
      const table = database.tables.get(query.collection);
      if (!table) throw new PolyshiftError('UNKNOWN_COLLECTION', `no table ${query.collection}`);
      const names = query.fields ?? table.columns.map((column) => column.name);
      const positions = names.map((name) => positionOf(table, name));
      const key = query.key ?? table.key;
      const holds = compile(table, parseConditions(query.conditions));
      const view = { columns: table.columns, key: [...key] };
      const unique = table.key.every((name) => key.includes(name));
      const rows = () =>
        [...table.rows.values()]
          .filter(holds)
          .map((row) => ({ row, key: sortable(keyOf(view, row)) }))
          .sort((left, right) => (left.key < right.key ? -1 : left.key > right.key ? 1 : 0));
      return {
        description: {
          columns: positions.map((at) => table.columns[at]!),
          dynamic: false,
          key,
          approximate_count: rows().length,
        },
        count: async () => rows().length,
        partitions: async (want) => {
          const all = rows();
          const size = Math.max(1, Math.ceil(all.length / want));
          const starts = Array.from({ length: Math.max(1, Math.ceil(all.length / size)) }, (_, index) => index * size);
          return starts.map((from, id) => ({
            id,
            bounds: { from: id === 0 ? null : all[from]!.key, below: all[from + size]?.key ?? null },
          }));
        },
        ...(unique
          ? {
              split: async (partition, after) => {
                database.answer(client);
                const { from, below } = partition.bounds as { from: string | null; below: string | null };
                const left = rows().filter(
                  (each) =>
                    (after === null ? from === null || each.key >= from : each.key > (after as string)) &&
                    (below === null || each.key < below),
                );
                if (left.length < 2) return undefined;
                const cut = left[left.length >> 1]!.key;
                return [
                  { id: partition.id, bounds: { from, below: cut } },
                  { id: partition.id, bounds: { from: cut, below } },
                ];
              },
            }
          : {}),
        async *read(partition, options) {
          const { from, below } = partition.bounds as { from: string | null; below: string | null };
          const after = (options.after as string | undefined) ?? undefined;
          const mine = rows().filter(
            (each) =>
              (from === null || each.key >= from) &&
              (below === null || each.key < below) &&
              (after === undefined || each.key > after),
          );
          for (let at = 0; at < mine.length; at += options.batch_size) {
            await new Promise((resolve) => setImmediate(resolve));
            database.answer(client);
            const part = mine.slice(at, at + options.batch_size);
            yield {
              batch: {
                kind: 'rows',
                columns: positions.map((position) => table.columns[position]!),
                rows: part.map(({ row }) => positions.map((position) => row[position])),
              },
              // Behind a key that others may share, a scan cannot go on without losing one of them.
              last_key: unique ? (part.at(-1)!.key as JsonValue) : null,
            };
          }
        },
        [Symbol.asyncDispose]: async () => undefined,
      };
    },
  };
}

/** Key texts hold numbers as digits: padded they sort as numbers. */
function sortable(key: string): string {
  return key.replace(/i(\d+)/g, (_all, digits: string) => `i${digits.padStart(20, '0')}`);
}

function positionOf(table: MemoryTable, name: string): number {
  const position = table.columns.findIndex((column) => column.name === name);
  if (position < 0) {
    const near = nearest(
      name,
      table.columns.map((column) => column.name),
    );
    throw new PolyshiftError('UNKNOWN_FIELD', `no column ${name}`, near ? { hint: `Did you mean "${near}"?` } : {});
  }
  return position;
}

function compile(table: MemoryTable, node: ConditionNode): (row: MemoryRow) => boolean {
  switch (node.kind) {
    case 'all': {
      const of = node.of.map((each) => compile(table, each));
      return (row) => of.every((holds) => holds(row));
    }
    case 'any': {
      const of = node.of.map((each) => compile(table, each));
      return (row) => of.some((holds) => holds(row));
    }
    case 'not': {
      const of = compile(table, node.of);
      return (row) => !of(row);
    }
    case 'compare': {
      const position = positionOf(table, node.field);
      const value = node.value as PortableValue;
      return (row) => {
        const actual = row[position];
        switch (node.operator) {
          case 'eq':
            return actual === value;
          case 'gte':
            return actual !== null && actual !== undefined && Number(actual) >= Number(value);
          case 'is_null':
            return (actual === null || actual === undefined) === value;
          default:
            throw new Error(`the memory store does not compare by ${node.operator}`);
        }
      };
    }
  }
}

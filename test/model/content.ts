import type { AnyOperationInput } from '@polyshift/core';
import { type World, without, withRows } from './world.ts';

/** What one migration does: as operations for polyshift, and as a pure function for the model. */
export interface Content {
  /** Tells contents apart; what is equal in it has the same checksum. */
  readonly id: string;
  /** The operations, for a store whose rows have this key. Batches are small, so that there are places between them. */
  operations(key: string, indexes: boolean): readonly AnyOperationInput[];
  /** The data afterwards; undefined where a check before an operation must refuse it. */
  apply(world: World): World | undefined;
  /** Collections that it changes. */
  readonly touches: readonly string[];
}

/** Kinds of content that are drawn for a new file. */
export const contentKinds = ['add', 'append', 'rename', 'remove', 'wide', 'create', 'rebuild', 'drop', 'fails'] as const;

/** One of {@link contentKinds}. */
export type ContentKind = (typeof contentKinds)[number];

const batch_size = 4;
const people = 'people';
/** Fields of the first collection that a content may take for itself, each once. */
export const spareFields = ['a0', 'a1', 'a2', 'a3', 'a4', 'a5'];

const append = (text: string): AnyOperationInput => ({
  type: 'migrate_data',
  collection: people,
  batch_size,
  data: { pipeline: [{ $set: { name: { $concat: ['$name', text] } } }] },
});

const appended = (world: World, text: string): World | undefined =>
  world.has(people) ? withRows(world, people, (row) => ({ ...row, name: row['name']! + text })) : undefined;

const rowsOf = (collection: string, count: number, fields: readonly string[]) =>
  Array.from({ length: count }, (_, index) => ({
    key: index + 1,
    fields: Object.fromEntries(fields.map((field) => [field, `${collection} ${field} ${index + 1}`])),
  }));

/** Creates a collection and loads rows into it. */
function creation(collection: string, count: number, fields: readonly string[], key: string): AnyOperationInput[] {
  const rows = rowsOf(collection, count, fields).map((row) => ({ [key]: row.key, ...row.fields, score: row.key }));
  return [
    {
      type: 'create_collection',
      collection,
      data: {
        fields: [
          { name: key, type: 'int32', nullable: false },
          ...fields.map((name) => ({ name, type: 'text' })),
          { name: 'score', type: 'int32' },
        ],
        key: [key],
      },
    },
    { type: 'load', collection, batch_size, data: { rows, key: [key] } },
  ];
}

const created = (world: World, collection: string, count: number, fields: readonly string[]): World | undefined =>
  world.has(collection)
    ? undefined
    : new Map(world).set(
        collection,
        new Map(
          rowsOf(collection, count, fields).map(({ key, fields: row }) => [String(key), { ...row, score: String(key) }] as const),
        ),
      );

/** The content of the first file: the collection that most others change. */
export const firstContent: Content = {
  id: 'people',
  operations: (key) => creation(people, 10, ['name', ...spareFields], key),
  apply: (world) => created(world, people, 10, ['name', ...spareFields]),
  touches: [people],
};

/**
 * A content of a kind. `number` makes it another one than all before; `field` is a spare field, and `collection` one that a content before it has
 * created, for the kinds that need them: without them another kind takes their place.
 */
export function contentOf(kind: ContentKind, number: number, field?: string, collection?: string): Content {
  const id = `${kind} ${number}`;
  const added = `f${number}`;
  const touches = [people];
  switch (kind) {
    case 'add': {
      const least = number % 10;
      const data = { field_name: added, type: 'text', default_value: `d${number}` };
      const conditions = { score: { gte: least } };
      return {
        id,
        operations: () => [{ type: 'add_field', collection: people, batch_size, data, conditions }],
        apply: (world) =>
          world.has(people)
            ? withRows(world, people, (row) => (Number(row['score']) >= least ? { ...row, [added]: `d${number}` } : row))
            : undefined,
        touches,
      };
    }
    case 'append':
      return { id, operations: () => [append(`+${number}`)], apply: (world) => appended(world, `+${number}`), touches };
    case 'rename':
      if (field === undefined) return contentOf('append', number);
      return {
        id,
        operations: () => [
          { type: 'rename_field', collection: people, batch_size, data: { old_name: field, new_name: `r${number}` } },
        ],
        apply: (world) =>
          world.has(people)
            ? withRows(world, people, (row) => ({ ...without(row, field), [`r${number}`]: row[field]! }))
            : undefined,
        touches,
      };
    case 'remove':
      if (field === undefined) return contentOf('append', number);
      return {
        id,
        operations: () => [{ type: 'remove_field', collection: people, batch_size, data: { field_name: field } }],
        apply: (world) => (world.has(people) ? withRows(world, people, (row) => without(row, field)) : undefined),
        touches,
      };
    case 'wide':
      return {
        id,
        operations: (_key, indexes) => [
          append(`-${number}`),
          { type: 'add_field', collection: people, batch_size, data: { field_name: added, type: 'text', default_value: 'w' } },
          ...(indexes
            ? [{ type: 'create_index', collection: people, data: { name: `index_${number}`, keys: { [added]: 1 } } } as const]
            : []),
        ],
        apply: (world) => {
          const after = appended(world, `-${number}`);
          return after && withRows(after, people, (row) => ({ ...row, [added]: 'w' }));
        },
        touches,
      };
    case 'create':
      return {
        id,
        operations: (key) => creation(`c${number}`, 6, ['note'], key),
        apply: (world) => created(world, `c${number}`, 6, ['note']),
        touches: [`c${number}`],
      };
    case 'rebuild':
      return {
        id,
        operations: (key) => [
          ...creation(`c${number}`, 6, ['note', 'gone'], key),
          { type: 'remove_field', collection: `c${number}`, batch_size, data: { field_name: 'gone' } },
          { type: 'rename_collection', collection: `c${number}`, data: { new_name: `m${number}` } },
        ],
        apply: (world) => {
          const after = created(world, `c${number}`, 6, ['note']);
          if (!after) return undefined;
          const moved = new Map(after).set(`m${number}`, after.get(`c${number}`)!);
          moved.delete(`c${number}`);
          return moved;
        },
        touches: [`c${number}`, `m${number}`],
      };
    case 'drop':
      if (collection === undefined) return contentOf('create', number);
      return {
        id,
        operations: () => [{ type: 'drop_collection', collection, data: {} }],
        apply: (world) => {
          if (!world.has(collection)) return undefined;
          const after = new Map(world);
          after.delete(collection);
          return after;
        },
        touches: [collection],
      };
    case 'fails':
      return {
        id,
        operations: () => [
          append(`!${number}`),
          { type: 'remove_field', collection: `nowhere${number}`, data: { field_name: 'none' } },
        ],
        apply: () => undefined,
        touches,
      };
  }
}

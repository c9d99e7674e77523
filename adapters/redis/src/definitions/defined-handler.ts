import { isDeepStrictEqual } from 'node:util';
import type { RowHandler } from '@polyshift/adapter-kit';
import {
  type Check,
  checkThat,
  fail,
  type JsonObject,
  type Operation,
  type OperationType,
  type RunContext,
} from '@polyshift/core';
import { nameOf } from '../keys/names.ts';
import { scanCollection } from '../keys/scan-keys.ts';
import { jsonField } from '../rows/raw-row.ts';
import { readRows } from '../rows/read-rows.ts';
import type { Store } from '../store.ts';
import { type Definition, undefinedCollection } from './definition.ts';

/** What an operation over rows does to the definition of its collection. */
export interface DefinitionChange<Type extends OperationType> {
  /** Whether it is changed before the rows (they are then written as it says) or when all rows are done (they are read as it says until then). */
  readonly when: 'before' | 'after';
  /** The definition afterwards; reads only. A collection that has none is given as the one it is read by; the same object means no change. */
  change(operation: Operation<Type>, definition: Definition): Definition | Promise<Definition>;
  /** Further pre-checks. */
  check?(operation: Operation<Type>, definition: Definition): readonly Check[];
  /** Whether the entries of a stream can be meant. Default false. */
  readonly streams?: boolean;
}

/** The definition before and after, as journaled; null is none. */
interface DefinitionUndo extends JsonObject {
  definition_before: JsonObject | null;
  definition_after: JsonObject | null;
}

/** A handler of the kit over rows, with the definition of the collection changed and brought back beside them. */
export function definedHandler<Type extends OperationType>(
  store: Store,
  handler: RowHandler<Type>,
  parts: DefinitionChange<Type>,
): RowHandler<Type> {
  const put = async (
    operation: Operation<Type>,
    undo: JsonObject,
    which: keyof DefinitionUndo,
    run: RunContext,
  ): Promise<void> => {
    await run.guard();
    await store.definitions.put(
      operation.collection,
      ((undo as DefinitionUndo)[which] ?? undefined) as unknown as Definition | undefined,
    );
    await run.fault('defined');
  };
  return {
    ...handler,

    async check(operation) {
      const definition = await assumedDefinition(store, operation.collection);
      if (definition.encoding === 'stream' && !parts.streams)
        return [
          fail(
            'collection_kind',
            `${operation.collection} is a stream, whose entries cannot be changed`,
            'Copy it by extract, and change the copy.',
          ),
        ];
      const checks = await handler.check(operation);
      return [...checks, ...(parts.check?.(operation, definition) ?? [])];
    },

    async prepare(operation, run) {
      const before = await store.definitions.read(operation.collection);
      const assumed = before ?? (await assumedDefinition(store, operation.collection));
      const after = await parts.change(operation, assumed);
      const undo: JsonObject = {
        definition_before: (before ?? null) as unknown as JsonObject,
        definition_after: (after === assumed ? (before ?? null) : after) as unknown as JsonObject,
      };
      return { ...(await handler.prepare(operation, run)), ...undo };
    },

    async *execute(operation, undo, run) {
      if (parts.when === 'before') await put(operation, undo, 'definition_after', run);
      yield* handler.execute(operation, undo, run);
      if (parts.when === 'after') await put(operation, undo, 'definition_after', run);
    },

    async verify(operation, undo, run) {
      const { definition_before: before, definition_after: after } = undo as DefinitionUndo;
      const now = (await store.definitions.read(operation.collection)) ?? null;
      const unchanged = !isDeepStrictEqual(before, after) && isDeepStrictEqual(plain(now), before);
      return [
        ...(await handler.verify(operation, undo, run)),
        checkThat(!unchanged, 'definition_changed', {
          pass: `the definition of ${operation.collection} is the new one`,
          fail: `the definition of ${operation.collection} is as it was before`,
          action: 'Run again.',
        }),
      ];
    },

    async *rollback(operation, undo, run) {
      yield* handler.rollback(operation, undo, run);
      await put(operation, undo, 'definition_before', run);
    },
  };
}

/** As it comes back from the journal: without fields that are undefined. */
function plain(definition: Definition | null): unknown {
  return JSON.parse(JSON.stringify(definition)) as unknown;
}

/** The definition of a collection; of one that has none, what it is read by, with the encoding of the first row that is found. */
export async function assumedDefinition(store: Store, collection: string): Promise<Definition> {
  const definition = await store.definitions.read(collection);
  if (definition) return definition;
  for await (const ids of scanCollection(store, collection)) {
    const [first] = await readRows(store, collection, ids.slice(0, 100).map(nameOf));
    if (first) return { ...undefinedCollection, encoding: first.row.has(jsonField) ? 'json' : 'hash' };
  }
  return undefinedCollection;
}

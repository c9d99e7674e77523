import {
  applyChange,
  asideName,
  compileConditions,
  documentsOf,
  keyList,
  restoreImages,
  verifyImages,
} from '@polyshift/adapter-kit';
import { type Check, cameToEnd, checkThat, fail, isPolyshiftError, type JsonObject, type Operation } from '@polyshift/core';
import { assumedDefinition } from '../definitions/defined-handler.ts';
import type { Definition } from '../definitions/definition.ts';
import { FieldTypes } from '../definitions/infer-fields.ts';
import { planned } from '../planned.ts';
import { isThere } from '../preconditions.ts';
import { inEncoding } from '../rows/change-encoding.ts';
import { jsonField, type RedisRow } from '../rows/raw-row.ts';
import { openRow, packed, wholeField, wholeRows } from '../rows/whole-rows.ts';
import type { HandlerOf } from './handler-of.ts';

/** The definition before, and the one with the types that keep every value what it is. */
interface Undo extends JsonObject {
  before: JsonObject | null;
  after: JsonObject;
}

/** change_encoding: each row is replaced in one step, with its time to live kept; rollback brings back every byte. */
export const changeEncoding: HandlerOf<'change_encoding', Undo> = (store, rows) => {
  const whole = wholeRows(rows.store);
  const put = (collection: string, definition: JsonObject | null): Promise<void> =>
    store.definitions.put(collection, (definition ?? undefined) as unknown as Definition | undefined);

  return {
    async plan({ collection, data }, context) {
      const key = `${store.keys.rows(collection)}?`;
      return [
        planned(
          data.to === 'json' ? `EVALSHA write-row: DEL ${key}, SET ${key} ?` : `EVALSHA write-row: DEL ${key}, HSET ${key} ? ? …`,
          {
            phase: 'migrate',
            rows: context.schema.collections[collection]?.approximate_count,
            risk: 'data_changed',
            undo: 'brings back the bytes of every row that was not written since',
          },
        ),
      ];
    },

    async check(operation) {
      const { collection, data } = operation;
      const there = await isThere(store, collection);
      if (there.status === 'FAILED') return [there];
      const defined = store.definitions.isDefined(collection);
      const definition = await assumedDefinition(store, collection);
      if (definition.encoding === 'stream')
        return [there, fail('collection_kind', `${collection} is a stream, whose entries have one form`, 'Copy it by extract.')];
      const refused: string[] = [];
      let reason = '';
      const meets = compileConditions(operation.conditions);
      for await (const { keyed, document } of documentsOf(rows, collection)) {
        if (!meets(document)) continue;
        try {
          inEncoding(definition, defined, keyed.row, data.to);
        } catch (error) {
          if (!isPolyshiftError(error)) throw error;
          refused.push(String(keyed.key));
          reason ||= error.message;
        }
      }
      return [
        there,
        checkThat(refused.length === 0, 'convertible', {
          pass: `every row can be ${data.to}`,
          fail: `${refused.length} rows cannot be ${data.to}: ${keyList(refused)} (${reason})`,
          action: 'Correct them first, or leave them out by conditions.',
        }),
      ];
    },

    async prepare(operation) {
      const { collection, data } = operation;
      const before = await store.definitions.read(collection);
      const types = new FieldTypes(await assumedDefinition(store, collection));
      const meets = compileConditions(operation.conditions);
      for await (const { document } of documentsOf(rows, collection)) if (meets(document)) types.add(document);
      const extended = types.extended();
      const after: Definition = operation.conditions ? extended : { ...extended, encoding: data.to };
      return { before: (before ?? null) as unknown as JsonObject, after: after as unknown as JsonObject };
    },

    async *execute(operation, undo, run) {
      const { collection } = operation;
      await run.guard();
      await put(collection, undo.after);
      await run.fault('defined');
      const meets = compileConditions(operation.conditions);
      const inWanted = (row: RedisRow): RedisRow =>
        inEncoding(undo.after as unknown as Definition, undo.before !== null, row, operation.data.to);
      const change = {
        collection,
        aside: asideName(rows, run.aside),
        batch_size: operation.batch_size,
        edits: (document: Parameters<typeof meets>[0], row: RedisRow) =>
          meets(document) ? [{ kind: 'set' as const, field: wholeField, value: packed(inWanted(openRow(row))) }] : [],
      };
      yield* applyChange(whole, change, run);
    },

    async verify(operation, _undo, run) {
      await store.definitions.read(operation.collection);
      return [
        cameToEnd(run),
        ...(await verifyImages(whole, operation.collection, asideName(rows, run.aside))),
        await allEncoded(operation),
      ];
    },

    async *rollback({ collection }, undo, run) {
      yield* restoreImages(whole, collection, asideName(rows, run.aside), run);
      await run.guard();
      await put(collection, undo.before);
      await run.fault('defined');
    },

    discard: (_operation, _undo, run) => rows.store.aside.drop(asideName(rows, run.aside)),
  };

  /** The check that the rows chosen have the encoding. */
  async function allEncoded({ collection, data, conditions }: Operation<'change_encoding'>): Promise<Check> {
    const meets = compileConditions(conditions);
    const others: string[] = [];
    for await (const { keyed, document } of documentsOf(rows, collection)) {
      if (keyed.row.has(jsonField) !== (data.to === 'json') && meets(document)) others.push(String(keyed.key));
    }
    return checkThat(others.length === 0, 'encoding', {
      pass: `every row is ${data.to}`,
      fail: `${others.length} rows are not ${data.to}: ${keyList(others)}`,
      action: 'The application writes the old form: deploy the new one first, then run again.',
    });
  }
};

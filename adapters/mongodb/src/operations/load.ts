import { createHash } from 'node:crypto';
import {
  type Check,
  cameToEnd,
  checkThat,
  fail,
  type JsonObject,
  type JsonValue,
  type Operation,
  type Progress,
  type RunContext,
} from '@polyshift/core';
import { findPath } from '../bson/element.ts';
import { exactDocument, exactValue } from '../bson/exact-value.ts';
import { idKey } from '../bson/id.ts';
import { createAside } from '../change/apply.ts';
import { applyRows } from '../change/apply-rows.ts';
import { idBatches } from '../change/id-batches.ts';
import { rawDocuments } from '../change/image.ts';
import { restoreImages } from '../change/restore.ts';
import { type IncomingRow, type RowRule, withId } from '../change/row-changes.ts';
import { verifyImages } from '../change/verify.ts';
import { conditionFilter } from '../conditions.ts';
import { approximateRows, planned } from '../planned.ts';
import { isThere, isWritableCollection } from '../preconditions.ts';
import { asideCollection, dropIfThere, type Store } from '../store.ts';
import { jsonToBson } from '../values/json-value.ts';
import type { HandlerOf } from './handler-of.ts';

/** A batch of rows with the checkpoint that stands behind it. */
interface Rows {
  readonly rows: IncomingRow[];
  readonly checkpoint: JsonObject;
}

/** load: rows of the migration, or of another collection, into one that exists. */
export const load: HandlerOf<'load'> = (store) => ({
  async plan(operation, context) {
    const { rows, from, mode, key } = operation.data;
    const match = Object.fromEntries((key ?? ['_id']).map((field) => [field, '?']));
    return [
      planned(
        mode === 'upsert'
          ? { update: operation.collection, updates: [{ q: match, u: { $set: '?' }, upsert: true }] }
          : { insert: operation.collection, documents: '?' },
        {
          phase: 'migrate',
          rows: rows?.length ?? approximateRows(context, from!),
          risk: 'data_changed',
          undo: 'removes what it inserted and restores what it replaced',
        },
      ),
    ];
  },

  async check(operation) {
    const checks: Check[] = await isWritableCollection(store, operation.collection);
    const { from, rows, key = ['_id'] } = operation.data;
    if (from)
      checks.push(
        from === operation.collection
          ? fail('source', 'a collection cannot be loaded from itself', 'Name another one.')
          : await isThere(store, from),
      );
    if (rows) {
      const keys = rows.map((row) =>
        JSON.stringify(key.map((field) => (Object.hasOwn(row, field) ? (row as JsonObject)[field]! : null))),
      );
      const doubled = keys.filter((each, index) => !each.includes('null') && keys.indexOf(each) !== index);
      checks.push(
        checkThat(doubled.length === 0, 'duplicates', {
          pass: 'every row has a key of its own',
          fail: `several rows have the same ${key.join(', ')}: ${[...new Set(doubled)].slice(0, 5).join(', ')}`,
          action: 'Leave one of them.',
        }),
      );
    }
    return checks;
  },

  async prepare(_operation, run) {
    return { images: asideCollection(run.aside) };
  },

  async *execute(operation, _undo, run): AsyncGenerator<Progress> {
    const checkpoint = run.checkpoint as JsonObject | undefined;
    let rows_done = Number(checkpoint?.['rows_done'] ?? 0);
    if (checkpoint?.['done']) return yield { rows_done, rows_total: rows_done };
    const aside = asideCollection(run.aside);
    await createAside(store, aside);
    const { from, rows } = operation.data;
    const rows_total =
      rows?.length ?? rows_done + (await store.db.collection(from!).countDocuments(conditionFilter(operation.conditions)));
    for await (const batch of rows ? givenRows(operation, run) : rowsOfCollection(store, operation, run)) {
      await run.guard();
      await applyRows(store, ruleOf(operation), aside, batch.rows);
      await run.fault('applied');
      rows_done += batch.rows.length;
      await run.save({ ...batch.checkpoint, rows_done }, rows_done);
      yield { rows_done, rows_total: Math.max(rows_done, rows_total) };
    }
    await run.save({ done: true, rows_done }, rows_done);
  },

  verify: async (operation, _undo, run) => [
    cameToEnd(run),
    ...(await verifyImages(store, operation.collection, asideCollection(run.aside))),
  ],

  rollback: (operation, _undo, run): AsyncIterable<Progress> =>
    restoreImages(store, operation.collection, asideCollection(run.aside), run),

  discard: (_operation, _undo, run) => dropIfThere(store, asideCollection(run.aside)),
});

function ruleOf(operation: Operation<'load'>): RowRule {
  const { key = ['_id'], mode } = operation.data;
  const matched = { insert: 'fail', upsert: 'merge', ignore: 'keep' } as const;
  return { collection: operation.collection, key, matched: matched[mode], unmatched: 'insert' };
}

const hash = (text: string): Buffer => createHash('sha256').update(text).digest();

async function* givenRows(operation: Operation<'load'>, run: RunContext): AsyncGenerator<Rows> {
  const all = operation.data.rows!;
  const start = Number((run.checkpoint as JsonObject | undefined)?.['next'] ?? 0);
  for (let from = start; from < all.length; from += operation.batch_size) {
    const to = Math.min(from + operation.batch_size, all.length);
    const rows = all.slice(from, to).map((row, index) => {
      const tag = `${run.aside}:${from + index}`;
      return { document: withId(jsonToBson(row as JsonValue) as Map<string, unknown>, tag, hash), tag };
    });
    yield { rows, checkpoint: { next: to } };
  }
}

async function* rowsOfCollection(store: Store, operation: Operation<'load'>, run: RunContext): AsyncGenerator<Rows> {
  const from = operation.data.from!;
  const filter = conditionFilter(operation.conditions);
  const after = (run.checkpoint as JsonObject | undefined)?.['after'];
  for await (const batch of idBatches(store, from, filter, operation.batch_size, after)) {
    const found = await rawDocuments(store, from, { _id: { $in: batch.ids } });
    const rows = found.map((document) => {
      const tag = `${run.aside}:${idKey(document)}`;
      return { document: withId(mapped(document, operation.data.fields), tag, hash), tag };
    });
    yield { rows, checkpoint: { after: batch.last } };
  }
}

/** The fields that the target gets, in the order of the mapping; what the source lacks stays missing. */
function mapped(document: Buffer, fields: Readonly<Record<string, string>> | undefined): Map<string, unknown> {
  if (!fields) return exactDocument(document);
  const result = new Map<string, unknown>();
  for (const [target, source] of Object.entries(fields)) {
    const element = findPath(document, source.split('.'));
    if (element) result.set(target, exactValue(document, element.type, element.value));
  }
  return result;
}

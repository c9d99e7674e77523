import {
  type Check,
  canonicalText,
  checkThat,
  fail,
  type JsonObject,
  type Operation,
  PolyshiftError,
  type PortableDocument,
  pass,
} from '@polyshift/core';
import { contentOf } from '../change/content.ts';
import { refuseFailures } from '../change/contention.ts';
import { keyList, keyText } from '../change/key-text.ts';
import { sameRow } from '../change/row-difference.ts';
import { compileConditions } from '../conditions/compile-conditions.ts';
import { compilePipeline } from '../pipeline/compile-pipeline.ts';
import type { KeyedRow } from '../row-store.ts';
import { valueAt } from '../values/field-path.ts';
import { editDocument } from './edit-document.ts';
import { asideName, documentsOf, isThere, plannedRows, type RowHandler, type RowOperations } from './row-operations.ts';

/** How collections come and go. */
export interface CollectionMaker {
  /** Makes a collection for rows of another one, which may have other key fields; as it is where it exists. Idempotent. */
  createLike(collection: string, like: string, key: readonly string[]): Promise<void>;
  /** Drops a collection with its rows. Idempotent. */
  drop(collection: string): Promise<void>;
}

/** extract over rows: conditions, then the pipeline, then the fields; each row is written once, whatever stops it. */
export function extract<Raw>(operations: RowOperations<Raw>, maker: CollectionMaker): RowHandler<'extract'> {
  const { store } = operations;
  return {
    async plan(operation, context) {
      compileConditions(operation.conditions);
      if (operation.data.pipeline) compilePipeline(operation.data.pipeline);
      const { into } = operation.data;
      const rows = context.schema.collections[operation.collection]?.approximate_count;
      return [
        plannedRows(
          operations,
          context,
          into,
          { kind: 'insert' },
          {
            risk: 'none',
            undo: `drops ${into}; refused while it holds what was written since`,
            ...(rows === undefined ? {} : { rows }),
          },
        ),
      ];
    },

    async check(operation) {
      compileConditions(operation.conditions);
      if (operation.data.pipeline) compilePipeline(operation.data.pipeline);
      const there = await isThere(operations, operation.collection);
      if (there.status === 'FAILED') return [there];
      const { into } = operation.data;
      const taken = (await operations.keyOf(into)) !== undefined;
      return [
        there,
        checkThat(!taken, 'name_free', {
          pass: `${into} is free`,
          fail: `there is a collection ${into} already`,
          action: 'Choose another name, or drop or rename it first by an operation of its own.',
        }),
        await keysUnique(operations, operation),
      ];
    },

    async prepare(_operation, run) {
      return { note: asideName(operations, run.aside) };
    },

    async *execute(operation, _undo, run) {
      const { into } = operation.data;
      const aside = asideName(operations, run.aside);
      await store.aside.ensure(aside);
      if ((await store.aside.get(aside, ['extracted'])).size > 0) return;
      await run.guard();
      await maker.createLike(into, operation.collection, await keyFields(operations, operation));
      await operations.open?.(into);
      await run.fault('created');
      let rows_done = 0;
      let batch: KeyedRow<Raw>[] = [];
      const flush = async (): Promise<void> => {
        await run.guard();
        await putOnce(operations, operation, batch);
        await run.fault('copied');
        rows_done += batch.length;
        batch = [];
      };
      for await (const { document } of chosen(operations, operation)) {
        batch.push(operations.build(into, document));
        if (batch.length < operation.batch_size) continue;
        await flush();
        yield { rows_done };
      }
      await flush();
      const { count, content } = await contentOf(store, into);
      await store.aside.put(aside, [{ key: 'extracted', value: { count, content } }], 'keep');
      await run.fault('noted');
      yield { rows_done: count, rows_total: count };
    },

    async verify(operation, _undo, run) {
      const note = (await store.aside.get(asideName(operations, run.aside), ['extracted'])).get('extracted') as
        | JsonObject
        | undefined;
      const { into } = operation.data;
      const found = (await operations.keyOf(into)) === undefined ? -1 : (await contentOf(store, into)).count;
      const wanted = Number(note?.['count'] ?? Number.NaN);
      return [
        checkThat(found >= wanted, 'row_count', {
          pass: `${into} holds ${found} ${operations.noun}s`,
          fail: note
            ? `${into} holds ${found} of ${wanted} ${operations.noun}s`
            : `the rows of ${operation.collection} have not all been copied into ${into}`,
          action: note ? 'Somebody else removes rows from the new collection.' : 'Run again.',
        }),
      ];
    },

    async *rollback(operation, _undo, run) {
      const { into } = operation.data;
      const aside = asideName(operations, run.aside);
      const notes = await store.aside.get(aside, ['extracted', 'dropping']);
      const note = notes.get('extracted') as JsonObject | undefined;
      if ((await operations.keyOf(into)) !== undefined) {
        await operations.open?.(into);
        // A drop that stopped half-way leaves fewer rows than were extracted: it was allowed, and goes on.
        const now = note && !notes.has('dropping') ? await contentOf(store, into) : undefined;
        if (now && now.content !== note!['content']) {
          throw new PolyshiftError(
            'WRITTEN_SINCE',
            `${into} was written since it was extracted: it holds ${now.count} ${operations.noun}s, then ${String(note!['count'])}`,
            {
              hint: 'Rename the collection to keep it.',
              data: { collection: into, count: now.count, extracted: note!['count'] },
            },
          );
        }
        await run.guard();
        if (note) await store.aside.put(aside, [{ key: 'dropping', value: true }], 'keep');
        await run.fault('dropping');
        await maker.drop(into);
      }
      yield { rows_done: Number(note?.['count'] ?? 0) };
    },

    discard: (_operation, _undo, run) => store.aside.drop(asideName(operations, run.aside)),
  };
}

/** The rows that are copied, as the new collection gets them. */
async function* chosen<Raw>(
  operations: RowOperations<Raw>,
  operation: Operation<'extract'>,
): AsyncGenerator<{ document: PortableDocument; keyed: KeyedRow<Raw> }> {
  const { fields, pipeline, distinct } = operation.data;
  const meets = compileConditions(operation.conditions);
  const edits = pipeline ? compilePipeline(pipeline) : undefined;
  const pairs = Array.isArray(fields) ? fields.map((name) => [name, name] as const) : fields && Object.entries(fields);
  const seen = new Set<string>();
  for await (const { keyed, document } of documentsOf(operations, operation.collection)) {
    if (!meets(document)) continue;
    const edited = edits ? editDocument(document, edits(document)) : document;
    const copied = pairs ? pick(edited, pairs) : edited;
    if (distinct) {
      // Null and missing are one combination, as in SQL's SELECT DISTINCT.
      const present = new Map([...copied].filter(([, value]) => value !== null));
      const text = keyText(
        canonicalText({ kind: 'document' }, new Map([...present].sort(([left], [right]) => (left < right ? -1 : 1)))),
      );
      if (seen.has(text)) continue;
      seen.add(text);
    }
    yield { document: copied, keyed };
  }
}

function pick(document: PortableDocument, pairs: readonly (readonly [string, string])[]): PortableDocument {
  const picked: PortableDocument = new Map();
  for (const [name, from] of pairs) {
    const value = valueAt(document, from);
    if (value !== undefined) picked.set(name, value);
  }
  return picked;
}

async function keyFields<Raw>(operations: RowOperations<Raw>, operation: Operation<'extract'>): Promise<readonly string[]> {
  return operation.data.key ?? (await operations.keyOf(operation.collection)) ?? [];
}

/** The check that every copied row has a key, and no two the same. */
async function keysUnique<Raw>(operations: RowOperations<Raw>, operation: Operation<'extract'>): Promise<Check> {
  const key = await keyFields(operations, operation);
  const own = await operations.keyOf(operation.collection);
  const { fields, pipeline } = operation.data;
  const keepsKey = !fields && !pipeline && own !== undefined && own.join('\0') === key.join('\0');
  if (keepsKey) return pass('duplicates', `${key.join(', ')} is unique`);
  const seen = new Set<string>();
  for await (const { document, keyed } of chosen(operations, operation)) {
    const values = key.map((field) => document.get(field) ?? null);
    const what = keyList([keyed.key]);
    if (values.includes(null))
      return fail(
        'duplicates',
        `${what} has no ${key.join(', ')}, which is the key`,
        'Choose another key, or leave it out by conditions.',
      );
    const text = canonicalText({ kind: 'array', of: { kind: 'dynamic' } }, values);
    if (seen.has(text))
      return fail(
        'duplicates',
        `${key.join(', ')} cannot be the key: the value of ${what} stands in several rows`,
        'Choose another key, or leave the duplicates out by conditions.',
      );
    seen.add(text);
  }
  return pass('duplicates', `${key.join(', ')} is unique`);
}

/** Inserts rows; one that is there already must be what an earlier attempt has written. */
async function putOnce<Raw>(
  { store }: RowOperations<Raw>,
  operation: Operation<'extract'>,
  rows: readonly KeyedRow<Raw>[],
): Promise<void> {
  if (rows.length === 0) return;
  const { into } = operation.data;
  const keys = rows.map(({ key }) => key);
  const outcomes = await store.write(
    into,
    rows.map(({ key, row }) => ({ kind: 'insert', key, row })),
  );
  refuseFailures(into, keys, outcomes);
  const taken = rows.filter((_row, position) => outcomes[position] === 'differs');
  if (taken.length === 0) return;
  const there = new Map(
    (
      await store.get(
        into,
        taken.map(({ key }) => key),
      )
    ).map((keyed) => [keyText(keyed.key), keyed.row]),
  );
  const other = taken.find(({ key, row }) => {
    const found = there.get(keyText(key));
    return found === undefined || !sameRow(store.codec, found, row);
  });
  if (other) throw new PolyshiftError('DUPLICATE_KEY', `${into}: two rows have the key ${keyList([other.key])}`);
}

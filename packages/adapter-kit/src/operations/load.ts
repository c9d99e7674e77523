import {
  type Check,
  cameToEnd,
  checkThat,
  dynamicOfPlain,
  fail,
  type JsonObject,
  type Operation,
  PolyshiftError,
  type PortableDocument,
  type Progress,
  pass,
  type RunContext,
} from '@polyshift/core';
import { applyRows, type IncomingRow } from '../change/apply-rows.ts';
import { keyText } from '../change/key-text.ts';
import { restoreImages } from '../change/restore-images.ts';
import { verifyImages } from '../change/verify-images.ts';
import { compileConditions } from '../conditions/compile-conditions.ts';
import { valueAt } from '../values/field-path.ts';
import { editDocument } from './edit-document.ts';
import { asideName, isThere, plannedRows, type RowHandler, type RowOperations } from './row-operations.ts';

/** A batch of rows with the checkpoint that stands behind it. */
interface Rows<Raw> {
  readonly rows: IncomingRow<Raw>[];
  readonly checkpoint: JsonObject;
}

/** load over rows: those of the migration, or of another collection, into one that exists. */
export function load<Raw>(operations: RowOperations<Raw>): RowHandler<'load'> {
  const { store } = operations;
  return {
    async plan(operation, context) {
      const { rows, from } = operation.data;
      const count = rows?.length ?? context.schema.collections[from!]?.approximate_count;
      return [
        plannedRows(
          operations,
          context,
          operation.collection,
          { kind: 'insert' },
          {
            risk: 'data_changed',
            undo: 'removes what it inserted and restores what it replaced',
            ...(count === undefined ? {} : { rows: count }),
          },
        ),
      ];
    },

    async check(operation) {
      const there = await isThere(operations, operation.collection);
      if (there.status === 'FAILED') return [there];
      const { from, rows } = operation.data;
      const checks: Check[] = [there, await keyFits(operations, operation)];
      if (checks[1]!.status === 'FAILED') return checks;
      if (from !== undefined)
        checks.push(
          from === operation.collection
            ? fail('source', 'a collection cannot be loaded from itself', 'Name another one.')
            : await isThere(operations, from),
        );
      if (rows) checks.push(distinctKeys(operations, operation));
      return checks;
    },

    async prepare(_operation, run) {
      return { images: asideName(operations, run.aside) };
    },

    async *execute(operation, _undo, run): AsyncGenerator<Progress> {
      const checkpoint = run.checkpoint as JsonObject | undefined;
      let rows_done = Number(checkpoint?.['rows_done'] ?? 0);
      if (checkpoint?.['done']) return yield { rows_done, rows_total: rows_done };
      const target = { collection: operation.collection, aside: asideName(operations, run.aside), mode: operation.data.mode };
      await operations.open?.(operation.collection);
      await store.aside.ensure(target.aside);
      for await (const batch of operation.data.rows
        ? givenRows(operations, operation, run)
        : rowsOfCollection(operations, operation, run)) {
        await run.guard();
        await applyRows(store, target, batch.rows, run);
        await run.fault('applied');
        rows_done += batch.rows.length;
        await run.save({ ...batch.checkpoint, rows_done }, rows_done);
        yield { rows_done };
      }
      await run.save({ done: true, rows_done }, rows_done);
    },

    async verify(operation, _undo, run) {
      await operations.open?.(operation.collection);
      return [cameToEnd(run), ...(await verifyImages(store, operation.collection, asideName(operations, run.aside)))];
    },

    async *rollback(operation, _undo, run) {
      await operations.open?.(operation.collection);
      yield* restoreImages(store, operation.collection, asideName(operations, run.aside), run);
    },

    discard: (_operation, _undo, run) => store.aside.drop(asideName(operations, run.aside)),
  };
}

async function keyFits<Raw>(operations: RowOperations<Raw>, operation: Operation<'load'>): Promise<Check> {
  const own = (await operations.keyOf(operation.collection)) ?? [];
  const asked = operation.data.key ?? own;
  const same = [...asked].sort().join('\0') === [...own].sort().join('\0');
  return same
    ? pass('key', `a ${operations.noun} is the same by ${own.join(', ')}`)
    : fail(
        'key',
        `${operation.collection} has the key ${own.join(', ')}: ${operations.noun}s cannot be the same by ${asked.join(', ')}`,
        'Leave the key out, or load into a collection that has that key.',
      );
}

function distinctKeys<Raw>(operations: RowOperations<Raw>, operation: Operation<'load'>): Check {
  const keys = operation.data.rows!.map((row) => keyText(operations.build(operation.collection, documentOf(row)).key));
  const doubled = keys.filter((each, index) => keys.indexOf(each) !== index);
  return checkThat(doubled.length === 0 || operation.data.mode === 'ignore', 'duplicates', {
    pass: 'every row has a key of its own',
    fail: `several rows have the same key: ${[...new Set(doubled)].slice(0, 5).join(', ')}`,
    action: 'Leave one of them.',
  });
}

async function* givenRows<Raw>(
  operations: RowOperations<Raw>,
  operation: Operation<'load'>,
  run: RunContext,
): AsyncGenerator<Rows<Raw>> {
  const all = operation.data.rows!;
  const start = Number((run.checkpoint as JsonObject | undefined)?.['next'] ?? 0);
  for (let from = start; from < all.length; from += operation.batch_size) {
    const to = Math.min(from + operation.batch_size, all.length);
    const rows = all
      .slice(from, to)
      .map((row, index) => incoming(operations, operation, documentOf(row), `${run.aside}:${from + index}`));
    yield { rows, checkpoint: { next: to } };
  }
}

async function* rowsOfCollection<Raw>(
  operations: RowOperations<Raw>,
  operation: Operation<'load'>,
  run: RunContext,
): AsyncGenerator<Rows<Raw>> {
  const from = operation.data.from!;
  await operations.open?.(from);
  const meets = compileConditions(operation.conditions);
  const after = (run.checkpoint as JsonObject | undefined)?.['after'];
  const scan = { batch_size: operation.batch_size, ...(after === undefined ? {} : { after }) };
  for await (const { rows, last } of operations.store.scan(from, scan)) {
    const chosen: IncomingRow<Raw>[] = [];
    for (const { key, row } of rows) {
      const document = operations.store.codec.decode(from, row);
      if (!meets(document)) continue;
      chosen.push(incoming(operations, operation, mapped(document, operation.data.fields), `${run.aside}:${keyText(key)}`));
    }
    yield { rows: chosen, checkpoint: { after: last } };
  }
}

function incoming<Raw>(
  operations: RowOperations<Raw>,
  operation: Operation<'load'>,
  document: PortableDocument,
  tag: string,
): IncomingRow<Raw> {
  const { collection } = operation;
  const violations = operations.violations?.(collection, editDocument(document, [])) ?? [];
  // A row that is merged into one that exists may give only some of the required fields.
  if (violations.length > 0 && operation.data.mode !== 'upsert') {
    throw new PolyshiftError(
      'CONSTRAINT_VIOLATED',
      `a row does not meet the validation schema of ${collection}: ${violations.join('; ')}`,
    );
  }
  return { ...operations.build(collection, document), document, tag };
}

function documentOf(row: unknown): PortableDocument {
  return dynamicOfPlain(row) as PortableDocument;
}

/** The fields that the target gets, in the order of the mapping; what the source lacks stays missing. */
function mapped(document: PortableDocument, fields: Readonly<Record<string, string>> | undefined): PortableDocument {
  if (!fields) return document;
  const result: PortableDocument = new Map();
  for (const [target, source] of Object.entries(fields)) {
    const value = valueAt(document, source);
    if (value !== undefined) result.set(target, value);
  }
  return result;
}

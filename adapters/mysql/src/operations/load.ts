import {
  type Check,
  checkThat,
  fail,
  type JsonObject,
  type JsonValue,
  type Operation,
  PolyshiftError,
  pass,
} from '@polyshift/core';
import {
  isWritable,
  readTable,
  requireColumn,
  requireRowKey,
  requireTransactions,
  type Table,
  type TableColumn,
} from '../catalog/table.ts';
import { jsonToRaw } from '../comparable.ts';
import { compileConditions } from '../conditions.ts';
import type { Connection, Raw } from '../connection.ts';
import type { Database } from '../database.ts';
import { discardAside, hasTable } from '../handler/aside.ts';
import { collectChecks } from '../handler/checks.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { duplicateCheck } from '../handler/examples.ts';
import { fencedDdl } from '../handler/marks.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { quote } from '../identifiers.ts';
import { countImages } from '../row-images/change-rows.ts';
import { createImages, type ImageNames, imageNames, imageTableName, planImages } from '../row-images/image-table.ts';
import { type Merge, mergeStage } from '../row-images/merge-stage.ts';
import { restoreRows, restoreScript } from '../row-images/restore-rows.ts';
import { createStage, fillStage, stage } from '../row-images/stage.ts';
import { stepScript } from '../script/step-script.ts';
import { hasUniqueKey } from '../sink/plan-load.ts';
import { compareKey, type Key, keyFromJson, keyToJson } from '../source/bounds.ts';
import { readExpression } from '../values/literal.ts';

type Operate = Operation<'load'>;
type Undo = { fields: string[]; key: string[]; images: ImageNames };

/** More rows than a table has. */
const everything = Number.MAX_SAFE_INTEGER;

/** load: seeds, or a merge from another table, in batches; each keeps in its transaction what it inserted and what it replaced. */
export const load: HandlerFactory<'load', Undo> = ({ database }) => ({
  async plan({ collection, data, batch_size }, planContext) {
    const table = await plannedTable(database, planContext, collection);
    const source = data.from === undefined ? `${data.rows!.length} rows of the migration` : data.from;
    return [
      {
        statement: `INSERT INTO ${table.sql} SELECT ... FROM ${source} -- ${data.mode}, ${batch_size} rows a batch`,
        phase: 'migrate',
        lock: { mode: `the rows of one batch of ${collection}`, held: 'none' },
        rows: data.rows?.length,
        risk: 'data_changed',
        undo: 'Removes the rows it inserted and restores the ones it replaced.',
      },
    ];
  },
  check: (operation) => collectChecks(database, (connection) => checkLoad(operation, connection)),
  async prepare(operation, run) {
    const table = await readTable(database, operation.collection);
    const source = operation.data.from === undefined ? undefined : await readTable(database, operation.data.from);
    const [fields, key] = [targetFields(operation, table, source), keyOf(operation, table)];
    const written = fields.filter((field) => !key.includes(field));
    const images = await planImages(database, run.aside, operation.collection, written, key);
    return { fields, key, images: imageNames(images) };
  },
  async *execute(operation, undo, run) {
    const merge = await planMerge(database, operation, undo, run.aside);
    await fencedDdl(database, run, (connection) => createImages(connection, merge.images!));
    await run.fault('images_created');
    let after = (run.checkpoint ?? null) as JsonObject | null;
    let done = Number(after?.['done'] ?? 0);
    for (;;) {
      await run.guard();
      const batch = await database.fenced(run.fence, async (connection) => {
        await createStage(connection, merge.columns, merge.key);
        const staged = await fillBatch(connection, operation, undo, merge.columns, after);
        if (staged.count === 0) return staged;
        const { refused } = await mergeStage(connection, merge);
        if (refused.length > 0) {
          throw new PolyshiftError(
            refused[0]!.code,
            `${refused.length} rows cannot be loaded into ${operation.collection}: ${refused[0]!.message}.`,
          );
        }
        await run.fault('batch_written');
        return staged;
      });
      done += batch.count;
      after = { ...batch.after, done };
      await run.fault('batch_committed');
      // Without an end to go on behind, the last batch is done again from the one before, and finds its rows there.
      if (!batch.last) await run.save(after, done);
      yield { rows_done: done, rows_total: operation.data.rows?.length };
      if (batch.last) break;
    }
  },
  async verify(operation, undo, run) {
    const merge = await planMerge(database, operation, undo, run.aside);
    if (!(await hasTable(database, merge.images!.name))) return [fail('rows_present', 'nothing was loaded yet', 'Run again.')];
    return await database.use(async (connection) => {
      await createStage(connection, merge.columns, merge.key);
      await fillBatch(connection, { ...operation, batch_size: everything }, undo, merge.columns, null);
      const same = merge.key.map((column) => `t.${quote(column.name)} = s.s${merge.columns.indexOf(column) + 1}`).join(' AND ');
      const [row] = await connection.values(
        `SELECT COUNT(*), SUM(NOT EXISTS (SELECT 1 FROM ${merge.table.sql} AS t WHERE ${same})) FROM ${stage} AS s`,
      );
      const [total, missing] = [Number(row![0]), Number(row![1] ?? 0)];
      return [
        checkThat(missing === 0, 'rows_present', {
          pass: `all ${total} rows are there; ${await countImages(database, merge.images!)} were inserted or replaced`,
          fail: `${missing} of ${total} rows are not there`,
          action: 'See who deletes them, and run again.',
        }),
      ];
    });
  },
  async *rollback(operation, undo, run) {
    const merge = await planMerge(database, operation, undo, run.aside);
    yield* restoreRows(database, run, merge.images!, operation.batch_size);
  },
  async discard(_operation, _undo, run) {
    await discardAside(database, run, imageTableName);
  },
  script: stepScript(database, {
    aside: [imageTableName],
    rollback: (_operation, undo, { connection, step, table }) => restoreScript(connection, step.aside, table.sql, undo.images),
  }),
});

async function planMerge(database: Database, operation: Operate, undo: Undo, aside: string): Promise<Merge> {
  const written = undo.fields.filter((field) => !undo.key.includes(field));
  const images = await planImages(database, aside, operation.collection, written, undo.key);
  const columns = undo.fields.map((field) => requireColumn(images.table, field));
  const key = undo.key.map((field) => columns.find((column) => column.name === field)!);
  // A batch that is started again finds its own rows in the images, and passes over them.
  return { table: images.table, columns, key, images, mode: operation.data.mode, replay: true };
}

function keyOf({ data }: Operate, table: Table): string[] {
  return [...(data.key ?? requireRowKey(table))];
}

/** The columns that are written: all that any row names, or that the source has. */
function targetFields({ data }: Operate, table: Table, source: Table | undefined): string[] {
  if (data.rows) return [...new Set(data.rows.flatMap((row) => Object.keys(row)))];
  if (data.fields) return Object.keys(data.fields);
  const names = new Set(table.columns.filter(isWritable).map((column) => column.name));
  return source!.columns.map((column) => column.name).filter((name) => names.has(name));
}

/** Brings the next rows into the stage; `after` says where to go on, `last` that no more will come. */
async function fillBatch(
  connection: Connection,
  operation: Operate,
  undo: Pick<Undo, 'fields'>,
  columns: readonly TableColumn[],
  after: JsonObject | null,
): Promise<{ count: number; after: JsonObject; last: boolean }> {
  const { data, batch_size } = operation;
  if (data.rows) {
    const start = Number(after?.['index'] ?? 0);
    const rows = data.rows.slice(start, start + batch_size);
    const raws = rows.map((row) =>
      columns.map((column): Raw => jsonToRaw(column, Object.hasOwn(row, column.name) ? row[column.name]! : null)),
    );
    await fillStage(connection, columns, raws, start);
    return { count: rows.length, after: { index: start + rows.length }, last: start + rows.length >= data.rows.length };
  }
  const source = await readTable(connection, data.from!);
  const key = source.rowKey.map((field) => requireColumn(source, field));
  const names = key.map((column) => quote(column.name));
  const behind = keyFromJson(after?.['key'] as JsonValue | undefined);
  const where = [
    `(${compileConditions(operation.conditions, (field) => requireColumn(source, field))})`,
    ...(behind ? [compareKey(key, names, '>', behind)] : []),
  ].join(' AND ');
  // The end of the batch is settled first: rows that come or go meanwhile do not move it. Without a row key all rows come at once.
  const [end] =
    key.length === 0
      ? []
      : await connection.values(
          `SELECT ${key.map((column) => readExpression(column)).join(', ')} FROM ${source.sql} WHERE ${where}
           ORDER BY ${names.join(', ')} LIMIT ${batch_size - 1}, 1`,
        );
  const upTo = end ? ` AND ${compareKey(key, names, '<=', end as Key)}` : '';
  const list = undo.fields.map((field) => quote(requireColumn(source, data.fields?.[field] ?? field).name));
  const count = await connection.execute(
    `INSERT INTO ${stage} SELECT ROW_NUMBER() OVER (), ${list.join(', ')} FROM ${source.sql} WHERE ${where}${upTo}`,
  );
  return { count, after: end ? { key: keyToJson(end) } : {}, last: end === undefined };
}

async function checkLoad(operation: Operate, connection: Connection): Promise<Check[]> {
  const { collection, data } = operation;
  const table = await readTable(connection, collection);
  requireTransactions(table);
  const source = data.from === undefined ? undefined : await readTable(connection, data.from);
  const key = keyOf(operation, table);
  const fields = targetFields(operation, table, source);
  const columns = fields.map((field) => requireColumn(table, field));
  for (const field of Object.values(data.fields ?? {})) if (source) requireColumn(source, field);
  const missing = key.find((field) => !fields.includes(field));
  if (missing !== undefined)
    throw new PolyshiftError('INVALID_DOCUMENT', `The rows do not have the key field ${missing}.`, {
      place: { path: 'data.key' },
    });
  if (!hasUniqueKey(table, key)) {
    return [
      fail(
        'unique_key',
        `${collection} has no unique index over ${key.join(', ')}`,
        'Add one first, by create_index or add_constraint.',
      ),
    ];
  }
  const keyColumns = key.map((field) => columns.find((column) => column.name === field)!);
  await createStage(connection, columns, keyColumns);
  await fillBatch(connection, { ...operation, batch_size: everything }, { fields }, columns, null);
  const staged = key.map((field) => `s${fields.indexOf(field) + 1}`);
  const checks = [await duplicateCheck(connection, { name: data.from ?? 'the rows', sql: stage }, staged, { names: key })];
  if (data.mode === 'insert') {
    const same = key.map((field, index) => `t.${quote(field)} = s.${staged[index]}`).join(' AND ');
    const [row] = await connection.values(`SELECT COUNT(*) FROM ${stage} AS s JOIN ${table.sql} AS t ON ${same}`);
    checks.push(
      checkThat(Number(row![0]) === 0, 'keys_free', {
        pass: 'no row has a key that exists',
        fail: `${row![0]} rows have a key that exists in ${collection}`,
        action: 'Use mode upsert or ignore, or remove these rows.',
      }),
    );
  }
  return [pass('fields_fit', `${collection} has the columns ${fields.join(', ')}`), ...checks];
}

import { type Check, checkThat, fail, type JsonObject, type Operation, PolyshiftError, pass } from '@polyshift/core';
import { readTable, requireColumn, type Table, type TableColumn } from '../catalog/table.ts';
import { jsonToText } from '../comparable.ts';
import { compileConditions } from '../conditions.ts';
import { uniqueStatement } from '../constraints/unique-key.ts';
import type { Connection, Database } from '../database.ts';
import { dropAside, hasAsideTable } from '../handler/aside.ts';
import { collectChecks } from '../handler/checks.ts';
import type { HandlerFactory } from '../handler/context.ts';
import { duplicateCheck } from '../handler/duplicates.ts';
import { ddlTransaction } from '../handler/marks.ts';
import { plannedTable } from '../handler/planned-table.ts';
import { quote, quoteList } from '../identifiers.ts';
import { inlineLiterals } from '../parameters.ts';
import { countImages } from '../row-images/change-rows.ts';
import {
  createImages,
  type ImageNames,
  type ImageTable,
  imageNames,
  imageTableName,
  planImages,
  requireRowKey,
} from '../row-images/image-table.ts';
import { type Merge, mergeStage } from '../row-images/merge-stage.ts';
import { restoreRows, restoreScript } from '../row-images/restore-rows.ts';
import { createStage, fillStage, stage } from '../row-images/stage.ts';
import { stepScript } from '../script/step-script.ts';
import { compareKey } from '../source/bounds.ts';

type Operate = Operation<'load'>;
type Undo = { fields: string[]; key: string[]; images: ImageNames };

/** load: seeds, or a merge from another table, in batches; each keeps in its transaction what it inserted and what it replaced. */
export const load: HandlerFactory<'load', Undo> = ({ database }) => ({
  async plan({ collection, data, batch_size }, planContext) {
    const table = await plannedTable(database, planContext, collection);
    const source = data.from === undefined ? `${data.rows!.length} rows of the migration` : data.from;
    const end = { insert: '', ignore: ' ON CONFLICT DO NOTHING', upsert: ' ON CONFLICT DO UPDATE' }[data.mode];
    return [
      {
        statement: `INSERT INTO ${table.sql} SELECT ... FROM ${source}${end} -- ${batch_size} rows a batch`,
        phase: 'migrate',
        lock: { mode: `ROW EXCLUSIVE on ${collection}`, held: 'none' },
        rows: data.rows?.length,
        risk: 'data_changed',
        undo: 'Removes the rows it inserted and restores the ones it replaced.',
      },
    ];
  },
  check: (operation) =>
    collectChecks(() => database.transaction((connection) => checkLoad(operation, connection), { roll_back: true })),
  async prepare(operation, run) {
    return await database.transaction(async (connection) => {
      const table = await readTable(connection, operation.collection);
      const source = operation.data.from === undefined ? undefined : await readTable(connection, operation.data.from);
      const [fields, key] = [targetFields(operation, table, source), keyOf(operation, table)];
      return { fields, key, images: imageNames(await imagesOf(connection, operation, { fields, key }, run.aside)) };
    });
  },
  async *execute(operation, undo, run) {
    const merge = await planMerge(database, operation, undo, run.aside);
    await run.guard();
    await database.fenced(run.fence, (connection) => createImages(connection, run.aside, merge.images!));
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
      if (batch.count === 0) break;
      done += batch.count;
      after = { ...batch.after, done };
      await run.fault('batch_committed');
      await run.save(after, done);
      yield { rows_done: done, rows_total: operation.data.rows?.length };
      if (batch.last) break;
    }
  },
  async verify(operation, undo, run) {
    if (!(await hasAsideTable(database, run.aside, imageTableName)))
      return [fail('rows_present', 'nothing was loaded yet', 'Run again.')];
    const merge = await planMerge(database, operation, undo, run.aside);
    return await database.transaction(
      async (connection) => {
        await createStage(connection, merge.columns, merge.key);
        await fillBatch(connection, { ...operation, batch_size: Number.MAX_SAFE_INTEGER }, undo, merge.columns, null);
        const same = merge.key.map((column) => `t.${quote(column.name)} = s.s${merge.columns.indexOf(column) + 1}`).join(' AND ');
        const row = await connection.row<{ total: string; missing: string }>(
          `SELECT count(*) AS total, count(*) FILTER (WHERE NOT EXISTS (SELECT FROM ${merge.table.sql} AS t WHERE ${same})) AS missing FROM ${stage} AS s`,
        );
        return [
          checkThat(Number(row!.missing) === 0, 'rows_present', {
            pass: `all ${row!.total} rows are there; ${await countImages(database, merge.images!)} were inserted or replaced`,
            fail: `${row!.missing} of ${row!.total} rows are not there`,
            action: 'See who deletes them, and run again.',
          }),
        ];
      },
      { roll_back: true },
    );
  },
  async *rollback(operation, undo, run) {
    const merge = await planMerge(database, operation, undo, run.aside);
    yield* restoreRows(database, run, merge.images!, operation.batch_size);
  },
  async discard(_operation, _undo, run) {
    await ddlTransaction(database, run, (connection) => dropAside(connection, run.aside));
  },
  script: stepScript(database, {
    rollback: (_operation, undo, { connection, step, table }) => restoreScript(connection, step.aside, table.sql, undo.images),
  }),
});

async function planMerge(database: Database, operation: Operate, undo: Undo, aside: string): Promise<Merge> {
  return await database.transaction(async (connection) => {
    const images = await imagesOf(connection, operation, undo, aside);
    const { table } = images;
    const columns = undo.fields.map((field) => requireColumn(table, field));
    const key = undo.key.map((field) => columns.find((column) => column.name === field)!);
    // A batch that is started again finds its own rows in the images, and passes over them.
    return { table, columns, key, images, mode: operation.data.mode, replay: true };
  });
}

function imagesOf(
  connection: Connection,
  { collection }: Operate,
  { fields, key }: Pick<Undo, 'fields' | 'key'>,
  aside: string,
): Promise<ImageTable> {
  const written = fields.filter((field) => !key.includes(field));
  return planImages(connection, aside, collection, written, key);
}

function keyOf({ data }: Operate, table: Table): string[] {
  return [...(data.key ?? requireRowKey(table))];
}

/** The columns that are written: all that any row names, or that the source has. */
function targetFields({ data }: Operate, table: Table, source: Table | undefined): string[] {
  if (data.rows) return [...new Set(data.rows.flatMap((row) => Object.keys(row)))];
  if (data.fields) return Object.keys(data.fields);
  const names = new Set(
    table.columns
      .filter((column) => column.generated !== 'stored' && column.generated !== 'virtual')
      .map((column) => column.name),
  );
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
    const texts = rows.map((row) =>
      columns.map((column) => {
        const value = Object.hasOwn(row, column.name) ? row[column.name] : undefined;
        return value == null ? null : jsonToText(column, value, column.modifier);
      }),
    );
    await fillStage(connection, texts, start);
    return { count: rows.length, after: { index: start + rows.length }, last: start + rows.length >= data.rows.length };
  }
  const source = await readTable(connection, data.from!);
  const key = source.rowKey.map((field) => requireColumn(source, field));
  const where = [`(${compileConditions(operation.conditions, (field) => requireColumn(source, field), inlineLiterals)})`];
  const behind = after?.['key'] as string[] | undefined;
  if (behind) where.push(compareKey(key, '>', behind, inlineLiterals));
  const names = undo.fields.map((field) => quote(requireColumn(source, data.fields?.[field] ?? field).name));
  const order = quoteList(source.rowKey);
  // Without a row key there is nothing to go on behind: the rows come at once.
  const limit = key.length === 0 || batch_size === Number.MAX_SAFE_INTEGER ? '' : ` LIMIT ${batch_size}`;
  const picked = `SELECT ${[...names, ...key.map((column) => quote(column.name))].map((name, index) => `${name} AS p${index + 1}`).join(', ')}
    FROM ${source.sql} WHERE ${where.join(' AND ')}${key.length > 0 ? ` ORDER BY ${order}` : ''}${limit}`;
  const [last] = await connection.texts(
    `WITH picked AS MATERIALIZED (${picked}), staged AS (
       INSERT INTO ${stage} SELECT (row_number() OVER ())::integer, ${names.map((_, index) => `p${index + 1}`).join(', ')} FROM picked RETURNING 1)
     SELECT (SELECT count(*) FROM staged), ${key.length === 0 ? 'NULL' : key.map((_, index) => `p${names.length + index + 1}`).join(', ')}
     FROM picked ${key.length === 0 ? '' : `ORDER BY ${key.map((_, index) => `p${names.length + index + 1} DESC`).join(', ')} `}LIMIT 1`,
  );
  if (!last) return { count: 0, after: {}, last: true };
  return { count: Number(last[0]), after: { key: last.slice(1) as string[] }, last: key.length === 0 };
}

async function checkLoad(operation: Operate, connection: Connection): Promise<Check[]> {
  const { collection, data } = operation;
  const table = await readTable(connection, collection);
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
  const unique = await connection.row<{ fits: boolean }>(uniqueStatement, [table.oid, JSON.stringify(key)]);
  if (unique?.fits !== true) {
    return [
      fail(
        'unique_key',
        `${collection} has no unique index over ${key.join(', ')}`,
        'Add one first, by create_index or add_constraint.',
      ),
    ];
  }
  await createStage(
    connection,
    columns,
    key.map((field) => requireColumn(table, field)),
  );
  await fillBatch(connection, { ...operation, batch_size: Number.MAX_SAFE_INTEGER }, { fields }, columns, null);
  const staged = key.map((field) => `s${fields.indexOf(field) + 1}`);
  const checks = [
    await duplicateCheck(connection, { name: data.from ?? 'the rows', sql: stage }, staged, { nullsDistinct: false }),
  ];
  if (data.mode === 'insert') {
    const same = key.map((field, index) => `t.${quote(field)} = s.${staged[index]}`).join(' AND ');
    const found = await connection.row<{ count: string }>(
      `SELECT count(*) AS count FROM ${stage} AS s JOIN ${table.sql} AS t ON ${same}`,
    );
    checks.push(
      checkThat(Number(found!.count) === 0, 'keys_free', {
        pass: 'no row has a key that exists',
        fail: `${found!.count} rows have a key that exists in ${collection}`,
        action: 'Use mode upsert or ignore, or remove these rows.',
      }),
    );
  }
  return [pass('fields_fit', `${collection} has the columns ${fields.join(', ')}`), ...checks];
}

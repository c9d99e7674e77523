import type { Document } from 'mongodb';
import { expect, it } from 'vitest';
import { runEtl } from '../src/index.ts';
import { dependencies, failureOf, twoStores } from './two-stores.ts';

const stores = twoStores();

it('a key of several columns becomes a document', async () => {
  await stores.sql.query(
    'CREATE TABLE pairs (a int, b text, v int, PRIMARY KEY (a, b)); INSERT INTO pairs VALUES (1, $$x$$, 5), (1, $$y$$, 6)',
  );
  const steps = [
    { type: 'extract', source_table: 'pairs' },
    { type: 'load', target_table: 'pairs' },
  ];
  await runEtl(stores.spec({ name: 'pairs', steps }), dependencies());
  const documents = await stores.documents.collection<Document>('pairs').find().sort({ v: 1 }).toArray();
  expect(documents).toEqual([
    { _id: { a: 1, b: 'x' }, a: 1, b: 'x', v: 5 },
    { _id: { a: 1, b: 'y' }, a: 1, b: 'y', v: 6 },
  ]);
});

it('microseconds that MongoDB cannot hold are counted, and kept as text where the spec asks', async () => {
  await stores.sql.query(
    "CREATE TABLE moments (id int PRIMARY KEY, at timestamptz); INSERT INTO moments VALUES (1, '2024-01-01 00:00:00.123456Z'), (2, '2024-01-01Z')",
  );
  const extract = { type: 'extract', source_table: 'moments' };
  const copied = stores.spec({ name: 'moments', steps: [extract, { type: 'load', target_table: 'moments' }] });
  expect((await runEtl(copied, dependencies())).losses).toMatchObject([{ field: 'at', count: 1 }]);
  const strict = { on_loss: 'error' as const };
  const refused = stores.spec({ ...strict, name: 'strict', steps: [extract, { type: 'load', target_table: 'strict' }] });
  expect((await failureOf(runEtl(refused, dependencies()))).code).toBe('LOSS_REFUSED');
  const rules = { _id: 'id', at: { type: 'function', function: 'cast', args: ['at', { value: 'text' }] } };
  const text = stores.spec({
    ...strict,
    name: 'text',
    steps: [extract, { type: 'transform', transformation_rules: rules }, { type: 'load', target_table: 'text' }],
  });
  expect((await runEtl(text, dependencies())).losses).toEqual([]);
  expect(await stores.documents.collection<Document>('text').findOne()).toEqual({ _id: 1, at: '2024-01-01T00:00:00.123456Z' });
});

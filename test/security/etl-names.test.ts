import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { up } from '@polyshift/core';
import { parseSpec, rollbackEtl, runEtl, type SpecInput, verifyEtl } from '@polyshift/etl';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dependencies } from '../matrix/shape-stage.ts';
import { keyOf, matrixStores } from '../matrix/stores.ts';
import { migration } from '../runner/stores.ts';
import { openBystander, stateOf } from './bystander.ts';
import { type HostileKind, hostileKinds, hostileTexts, refusedCollections, refusedFields } from './hostile.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyshift-names-'));
});
afterAll(() => rm(folder, { recursive: true }));

const postgresql = matrixStores.find(({ server }) => server === 'postgresql')!;
const name = hostileTexts['double quote'];
/** A text of a spec, where `${` begins a variable of the environment. */
const literal = (text: string) => text.replaceAll('${', () => '$${');

it.each(matrixStores)('a table and columns of hostile names are loaded into $server, proven and taken back', async (store) => {
  await using source = await openBystander(postgresql);
  await using target = await openBystander(store);
  // A point is the way into a document, where fields are not columns.
  const unfit: HostileKind[] = ['prototype', 'dot', ...refusedFields[store.server]];
  const fields = hostileKinds.filter((kind) => !unfit.includes(kind)).map((kind) => hostileTexts[kind]);
  const values = Object.fromEntries(fields.map((field) => [field, field]));
  const rules = Object.fromEntries(fields.map((field) => [field, literal(field)]));
  const columns = [{ name: 'id', type: 'int32', nullable: false }, ...fields.map((field) => ({ name: field, type: 'text' }))];
  await up({
    session: source.session,
    migrations: [
      source.migration,
      migration('2', [
        { type: 'create_collection', collection: name, data: { fields: columns, key: ['id'] } },
        { type: 'load', collection: name, data: { rows: [{ id: 1, ...values }, { id: 2 }, { id: 3, ...values }], key: ['id'] } },
      ]),
    ],
  });
  const before = await stateOf(target.session);
  const key = keyOf(store.adapter);
  const into = refusedCollections[store.server].includes('double quote') ? 'people' : name;
  const spec = parseSpec(
    {
      name: 'hostile',
      source: { type: 'postgresql', url: source.url },
      target: { type: store.adapter.store, url: target.url },
      steps: [
        { type: 'extract', source_table: name, conditions: { [fields[1]!]: fields[1]!, [fields[0]!]: { in: [fields[0]!] } } },
        { type: 'transform', transformation_rules: { [key]: 'id', ...rules } },
        { type: 'load', target_table: into, key: [key] },
      ],
    } as SpecInput,
    { cwd: folder },
  );
  expect(await runEtl(spec, dependencies)).toMatchObject({ rows_rejected: 0 });
  expect(await target.session.count(into)).toBe(2);
  expect(await target.session.count(into, { [fields[2]!]: fields[2]! })).toBe(2);
  expect((await verifyEtl(spec, dependencies)).checks.filter(({ status }) => status === 'FAILED')).toEqual([]);
  expect((await stateOf(target.session))['b']).toEqual(before['b']);
  await rollbackEtl(spec, dependencies);
  expect(await stateOf(target.session)).toEqual(before);
});

import { finalize, planUp, up, verify } from '@polyshift/core';
import { expect, it } from 'vitest';
import { caughtUp, migrationsOf, online, type RunParts } from './online-stage.ts';
import { openStage, type Stage } from './stage.ts';

const change = online([
  { type: 'rename_field', data: { old_name: 'mail', new_name: 'email' } },
  { type: 'create_index', data: { name: 'email', keys: { email: 1 } } },
]);
const id = (value: unknown): { _id: never } => ({ _id: value as never });

async function bothInUse(stage: Stage): Promise<RunParts> {
  await stage.collection('users').insertMany(Array.from({ length: 10 }, (_, n) => ({ ...id(n), mail: `m${n}` })));
  const runner = { session: stage.session, migrations: migrationsOf(change) };
  await up(runner);
  return runner;
}

it('a change stream that does not reach back to where it was left is replaced by comparing, and followed again from there', async () => {
  await using stage = await openStage();
  const runner = await bothInUse(stage);
  const [users, fresh] = [stage.collection('users'), stage.collection('users_v0001')];
  await users.updateOne(id(1), { $set: { mail: 'old' } });
  await fresh.deleteOne(id(2));
  await fresh.insertOne({ ...id('new'), email: 'new' });
  // More changes than the stand-in keeps; a genuine server keeps them, and goes on from where it was.
  for (let batch = 0; batch < 21; batch++)
    await stage.collection('noise').insertMany(Array.from({ length: 1000 }, (_, n) => ({ n })));
  await caughtUp(runner);
  expect(await fresh.findOne(id(1))).toEqual({ _id: 1, email: 'old' });
  expect(await users.countDocuments(id(2))).toBe(0);
  expect(await users.findOne(id('new'))).toEqual({ _id: 'new', mail: 'new' });
  await users.updateOne(id(3), { $set: { mail: 'later' } });
  await caughtUp(runner);
  expect(await fresh.findOne(id(3))).toEqual({ _id: 3, email: 'later' });
  await finalize(runner, { version: '1', old_version_ended: true });
});

it('writes that nobody has carried over yet are named by verify, which only reads, and fail it only where nothing explains them', async () => {
  await using stage = await openStage();
  const runner = await bothInUse(stage);
  const [users, fresh] = [stage.collection('users'), stage.collection('users_v0001')];
  await users.updateOne(id(1), { $set: { mail: 'old' } });
  await users.insertOne({ ...id('old'), mail: 'old' });
  await fresh.deleteOne(id(2));
  const before = await stage.session.fingerprint('users_v0001');
  const report = await verify(runner);
  expect(report.checks.filter(({ status }) => status !== 'PASS')).toMatchObject([
    { check: 'versions_waiting', status: 'WARNING' },
  ]);
  expect(await stage.session.fingerprint('users_v0001')).toEqual(before);
  await caughtUp(runner);
  expect((await verify(runner)).checks.filter(({ status }) => status !== 'PASS')).toEqual([]);
  await fresh.dropIndex('email');
  expect((await verify(runner)).ok).toBe(false);
});

it('the plan names every phase, and says that the new version keeps its name', async () => {
  await using stage = await openStage();
  await stage.collection('users').insertOne({ mail: 'x' });
  const planned = await planUp({ session: stage.session, migrations: migrationsOf(change) });
  const statements = planned.migrations[0]!.operations[0]!.statements;
  expect([...new Set(statements.map(({ phase }) => phase))]).toEqual(['expand', 'migrate', 'contract']);
  expect(statements.map(({ statement }) => statement).join()).toContain(
    `"createIndexes":"users_v${planned.migrations[0]!.version}"`,
  );
  expect(statements.at(-1)).toMatchObject({ lock: { held: 'instant' }, undo: expect.stringContaining('keeps its name') });
});

import { expect, it } from 'vitest';
import { Database } from '../src/database.ts';
import { createHandlers } from '../src/operations/handlers.ts';
import { commonSetUp } from './common-set-up.ts';
import { failed, StepDriver, testDatabase } from './harness.ts';

// Before PostgreSQL 18 a NOT NULL has no constraint of its own: a check stands in while the rows are looked at.
it.each(['age', 'n'])('makes %s NOT NULL where not-null constraints cannot be added by name', async (field) => {
  await using database = await testDatabase(commonSetUp, 'ALTER TABLE users ALTER COLUMN n DROP NOT NULL');
  const direct = await Database.connect(database.url);
  const session = Object.create(database.session, {
    operations: { value: createHandlers(direct, { not_null_constraints: false }) },
  });
  const before = await database.session.fingerprint('users');
  const places = [];
  for (let kill = -1; kill < Math.max(0, places.length); kill++) {
    const step = await StepDriver.create(session, {
      type: 'add_constraint',
      collection: 'users',
      data: { name: 'there', constraint: { kind: 'not_null', field } },
    });
    step.killAt = kill;
    await step.execute().catch(() => {});
    step.killAt = -1;
    if (kill === -1) places.push(...step.places);
    await step.execute();
    expect(failed(await step.verify())).toEqual([]);
    await step.rollback();
    expect(await database.session.fingerprint('users')).toEqual(before);
    await step.discard();
  }
  expect(places.length).toBeGreaterThan(3);
  await direct.close();
});

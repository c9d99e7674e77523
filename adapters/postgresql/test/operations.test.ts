import { sameFingerprint } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { commonSetUp } from './common-set-up.ts';
import { fieldCases } from './field-cases.ts';
import { asideObjects, failed, Killed, StepDriver, type TestDatabase, testDatabase } from './harness.ts';
import { indexCases } from './index-cases.ts';
import type { OperationCase } from './operation-case.ts';
import { tableCases } from './table-cases.ts';

async function fingerprints(database: TestDatabase, { tables = ['users'] }: OperationCase) {
  return await Promise.all(tables.map((table) => database.session.fingerprint(table)));
}

async function open(test: OperationCase): Promise<TestDatabase> {
  return await testDatabase(commonSetUp, ...(test.setUp ? [test.setUp] : []));
}

describe.each([...fieldCases, ...indexCases, ...tableCases])('$name', (test) => {
  it('is planned, checked, applied, verified and taken back exactly; each as often as one likes', async () => {
    await using database = await open(test);
    const before = await fingerprints(database, test);
    const step = await StepDriver.create(database.session, test.operation);
    expect((await step.plan()).length).toBeGreaterThan(0);
    expect(failed(await step.check())).toEqual([]);
    await step.prepare();
    expect(await fingerprints(database, test), 'plan, check and prepare change nothing').toEqual(before);
    if (!test.name.includes('there already')) expect(await isRefused(step), 'verify sees that nothing is done yet').toBe(true);
    await step.execute();
    const checks = await step.verify();
    expect(checks.length).toBeGreaterThan(0);
    expect(failed(checks)).toEqual([]);
    const after = await fingerprints(database, test);
    if (!test.name.includes('there already')) expect(after).not.toEqual(before);
    await step.execute();
    expect(await fingerprints(database, test), 'a second execute changes nothing').toEqual(after);
    await step.rollback();
    expect(await fingerprints(database, test), 'rollback').toEqual(before);
    await step.rollback();
    expect(await fingerprints(database, test), 'a second rollback changes nothing').toEqual(before);
    await step.discard();
    await step.discard();
    expect(await asideObjects(database)).toEqual([]);
  });

  it('is taken back, or finished, from wherever it was killed', async () => {
    await using reference = await open(test);
    const before = await fingerprints(reference, test);
    const whole = await StepDriver.create(reference.session, test.operation);
    await whole.execute();
    const places = whole.places.length;
    const after = await fingerprints(reference, test);
    await whole.rollback();
    const back = whole.places.length;
    await whole.discard();

    for (let kill = 0; kill < places; kill++) {
      const step = await StepDriver.create(reference.session, test.operation);
      step.killAt = kill;
      await expect(step.execute(), `kill ${kill}`).rejects.toThrow(Killed);
      const place = step.places.at(-1);
      step.killAt = -1;
      if (kill % 2 === 0) {
        await step.execute();
        const finished = await fingerprints(reference, test);
        if (isRepeatable(test)) expect(finished, `finished after ${place}`).toEqual(after);
        expect(failed(await step.verify())).toEqual([]);
      }
      step.killAt = Math.min(kill, back - 1);
      await step.rollback().catch((error: unknown) => expect(error).toBeInstanceOf(Killed));
      step.killAt = -1;
      await step.resumeRollback();
      const restored = await fingerprints(reference, test);
      expect(
        restored.every((each, index) => sameFingerprint(each, before[index]!)),
        `taken back after ${place}`,
      ).toBe(true);
      await step.discard();
      expect(await asideObjects(reference)).toEqual([]);
    }
  });
});

async function isRefused(step: StepDriver): Promise<boolean> {
  try {
    return failed(await step.verify()).length > 0;
  } catch {
    return true;
  }
}

/** A trigger that writes the time, or a sequence that numbers new rows, makes no two runs alike. */
function isRepeatable(test: OperationCase): boolean {
  return !test.name.includes('trigger') && !test.name.includes('another table');
}

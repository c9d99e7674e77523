import type { AnyOperationInput } from '@polyshift/core';
import { BSON, Double, Int32 } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { failures, openStage, type Stage, Step, statuses, ways } from './stage.ts';

const count = 40;

async function seeded(without: Parameters<typeof openStage>[0]): Promise<Stage> {
  const stage = await openStage(without);
  await stage
    .collection('users')
    .insertMany(
      Array.from({ length: count }, (_, index) => ({ _id: index as never, first: 'a', n: index, mail: `u${index}`, last: 'z' })),
    );
  return stage;
}

const once: AnyOperationInput & { type: 'migrate_data' } = {
  type: 'migrate_data',
  collection: 'users',
  data: { pipeline: [{ $set: { n: { $add: ['$n', 1000] } } }] },
  batch_size: 7,
};
const rename: AnyOperationInput & { type: 'rename_field' } = {
  type: 'rename_field',
  collection: 'users',
  data: { old_name: 'mail', new_name: 'email' },
  batch_size: 7,
};
const remove: AnyOperationInput & { type: 'remove_field' } = {
  type: 'remove_field',
  collection: 'users',
  data: { field_name: 'mail' },
  batch_size: 7,
};
const add: AnyOperationInput & { type: 'add_field' } = {
  type: 'add_field',
  collection: 'users',
  data: { field_name: 'verified', default_value: false },
  batch_size: 7,
};

describe.each(ways)('changes in place, %s', (_name, without) => {
  it.each([once, rename, remove, add])(
    '$type: stopped at any place and started again, they end as if undisturbed, and go back',
    async (input) => {
      await using undisturbed = await seeded(without);
      const before = await undisturbed.session.fingerprint('users');
      const reference = new Step(undisturbed.session, input);
      let places = 0;
      reference.fault = () => void places++;
      await reference.execute();
      const after = await undisturbed.session.fingerprint('users');
      expect(places).toBeGreaterThan(4);
      for (const stopAt of [0, 1, Math.floor(places / 2), places - 1]) {
        await using stage = await seeded(without);
        const step = new Step(stage.session, input);
        let place = 0;
        step.fault = () => {
          if (place++ === stopAt) throw new Error('stopped');
        };
        await expect(step.execute()).rejects.toThrow('stopped');
        // Twice more: the second time there is nothing left to do.
        await step.execute();
        await step.execute();
        expect(await stage.session.fingerprint('users'), `stopped at ${stopAt} of ${places}`).toEqual(after);
        expect(failures(await step.verify())).toEqual([]);
        step.fault = () => {
          if (place++ === stopAt + places + 2) throw new Error('stopped');
        };
        await step.rollback().catch(() => undefined);
        step.fault = () => undefined;
        await step.rollback();
        expect(await stage.session.fingerprint('users')).toEqual(before);
        await step.discard();
      }
    },
  );

  it('keeps what the application writes in between, changes those documents too, and takes only its own change back', async () => {
    await using stage = await seeded(without);
    const users = stage.collection('users');
    const step = new Step(stage.session, once);
    let batches = 0;
    step.fault = async (place) => {
      // Documents that are still to come, and one between its image and its change, where those are two writes.
      if (place === 'applied') batches++;
      if (batches === 1) await users.updateOne({ _id: 3 as never }, { $set: { seen: true } });
      if (place === 'captured' || batches <= 3) await users.updateOne({ _id: 38 as never }, { $set: { n: new Int32(500) } });
      await users.deleteOne({ _id: 20 as never });
    };
    await step.execute();
    expect(await users.findOne({ _id: 38 as never })).toMatchObject({ n: 1500 });
    expect((await users.findOne({ _id: 3 as never }))?.['n']).toBe(1003);
    step.fault = () => undefined;
    await users.updateOne({ _id: 5 as never }, { $set: { n: 7, note: 'mine' } });
    await users.updateOne({ _id: 6 as never }, { $set: { note: 'mine' } });
    expect(statuses(await step.verify())).toEqual(['PASS', 'PASS', 'WARNING']);
    await step.rollback();
    expect(await users.findOne({ _id: 5 as never })).toEqual({ _id: 5, first: 'a', n: 7, mail: 'u5', last: 'z', note: 'mine' });
    expect(await users.findOne({ _id: 6 as never })).toEqual({ _id: 6, first: 'a', n: 6, mail: 'u6', last: 'z', note: 'mine' });
    expect(await users.findOne({ _id: 38 as never })).toMatchObject({ n: 500 });
    expect(await users.findOne({ _id: 3 as never })).toMatchObject({ n: 3 });
    expect(await users.countDocuments({ _id: 20 as never })).toBe(0);
    expect(step.notes.join(' ')).toContain('keep what was written');
  });

  it('renames in place, keeps the order of fields both ways, and refuses a name that is taken', async () => {
    await using stage = await seeded(without);
    const users = stage.collection('users');
    const step = new Step(stage.session, rename);
    await step.execute();
    expect(Object.keys((await users.findOne({ _id: 1 as never }))!)).toEqual(['_id', 'first', 'n', 'email', 'last']);
    await users.updateOne({ _id: 1 as never }, { $set: { email: 'new' } });
    await users.updateOne({ _id: 2 as never }, { $set: { last: 'new' } });
    await step.rollback();
    expect(Object.keys((await users.findOne({ _id: 2 as never }))!)).toEqual(['_id', 'first', 'n', 'mail', 'last']);
    expect(await users.findOne({ _id: 1 as never })).toMatchObject({ email: 'new' });
    await step.discard();
    await users.updateOne({ _id: 4 as never }, { $set: { email: 'there' } });
    expect(failures(await step.check()).join()).toContain('2 documents have email already');
  });

  it('adds a field only where it is missing, and takes it only from where it gave it, unless it was written since', async () => {
    await using stage = await seeded(without);
    const users = stage.collection('users');
    await users.updateOne({ _id: 1 as never }, { $set: { verified: true } });
    await users.updateOne({ _id: 2 as never }, { $set: { verified: false } });
    const step = new Step(stage.session, add);
    await step.execute();
    expect(await users.countDocuments({ verified: false })).toBe(count - 1);
    await users.updateOne({ _id: 3 as never }, { $set: { verified: true } });
    await step.rollback();
    expect(
      await users
        .find({ verified: { $exists: true } })
        .sort({ _id: 1 })
        .project({ verified: 1 })
        .toArray(),
    ).toEqual([
      { _id: 1, verified: true },
      { _id: 2, verified: false },
      { _id: 3, verified: true },
    ]);
    expect(step.notes.join(' ')).toContain('1 documents keep');
  });

  it('creates the parents of a path, and takes them away again while nothing else is in them', async () => {
    await using stage = await seeded(without);
    const users = stage.collection('users');
    await users.updateOne({ _id: 1 as never }, { $set: { s: {} } });
    await users.updateOne({ _id: 2 as never }, { $set: { s: { mail: { daily: true } } } });
    const before = await stage.session.fingerprint('users');
    const step = new Step(stage.session, {
      ...add,
      data: { field_name: 's.mail.weekly', default_value: { $numberDecimal: '1.50' } as never },
    });
    expect(failures(await step.check())).toEqual([]);
    await step.execute();
    expect(await users.findOne({ _id: 2 as never })).toMatchObject({
      s: { mail: { daily: true, weekly: { toString: expect.anything() } } },
    });
    await step.rollback();
    expect(await stage.session.fingerprint('users')).toEqual(before);
    await step.execute();
    await users.updateOne({ _id: 0 as never }, { $set: { 's.sms': 1 } });
    await step.rollback();
    expect((await users.findOne({ _id: 0 as never }))?.['s']).toEqual({ sms: 1, mail: {} });
    await users.updateOne({ _id: 5 as never }, { $set: { s: 'no document' } });
    expect(failures(await step.check())).toHaveLength(1);
  });

  it('converts types, keeps null and missing, and stops before a value that would lose something', async () => {
    await using stage = await openStage(without);
    const values = stage.collection('values');
    const change = (to: string, extra: object = {}) =>
      new Step(stage.session, { type: 'change_type', collection: 'values', data: { field_name: 'v', to, ...extra } });
    await values.insertMany([
      { _id: 1 as never, v: new Double(1.5) },
      { _id: 2 as never, v: '12' },
      { _id: 3 as never, v: null },
      { _id: 4 as never },
    ]);
    expect(failures(await change('int32').check()).join()).toContain(
      '1 values of v do not convert to int without loss: documents 1',
    );
    await expect(change('point').check()).rejects.toMatchObject({ code: 'UNSUPPORTED_OPERATION' });
    const before = await stage.session.fingerprint('values');
    const step = change('decimal');
    expect(failures(await step.check())).toEqual([]);
    await step.execute();
    const raw = (await values.find({}, { promoteValues: false }).sort({ _id: 1 }).toArray()).map((each) =>
      BSON.EJSON.stringify(each['v'] ?? null),
    );
    expect(raw).toEqual(['{"$numberDecimal":"1.5"}', '{"$numberDecimal":"12"}', 'null', 'null']);
    expect(await values.countDocuments({ v: { $exists: true } })).toBe(3);
    await step.rollback();
    expect(await stage.session.fingerprint('values')).toEqual(before);
    await values.insertOne({ _id: 5 as never, v: 'no number' });
    expect(failures(await change('decimal').check())).toHaveLength(1);
  });

  it('refuses stages that updates do not take, and changes of _id', async () => {
    await using stage = await seeded(without);
    const step = (pipeline: object[]) => new Step(stage.session, { ...once, data: { pipeline: pipeline as never } });
    await expect(step([{ $group: { _id: 1 } }]).check()).rejects.toMatchObject({ code: 'INVALID_DOCUMENT' });
    await expect(step([{ $set: { _id: 1 } }]).check()).rejects.toMatchObject({ code: 'INVALID_DOCUMENT' });
    expect(failures(await step([{ $set: { a: { $noSuchOperator: 1 } } }]).check())).toHaveLength(1);
    const replace = step([{ $replaceWith: { full: { $concat: ['$first', '$last'] } } }]);
    await replace.execute();
    expect(await stage.collection('users').findOne({ _id: 9 as never })).toEqual({ _id: 9, full: 'az' });
  });
});

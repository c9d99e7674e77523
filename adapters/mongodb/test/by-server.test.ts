import { setTimeout as sleep } from 'node:timers/promises';
import type { AnyOperationInput, JsonObject } from '@polyshift/core';
import { Int32 } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { documentOf } from '../src/bson/build-document.ts';
import { elementsOf } from '../src/bson/element.ts';
import { allWritten, insertRaw } from '../src/write-commands.ts';
import { failures, openStage, type Stage, Step } from './stage.ts';

const count = 40;

/** Images of the step, by whether the server has made them. */
async function imagesBy(stage: Stage): Promise<{ server: number; client: number }> {
  const aside = stage.collection('polyshift_aside_1_0');
  const server = await aside.countDocuments({ polyshift_before: { $exists: true } });
  return { server, client: (await aside.countDocuments({})) - server };
}

async function seeded(): Promise<Stage> {
  const stage = await openStage();
  const documents = Array.from({ length: count }, (_, index) => ({
    _id: index as never,
    n: new Int32(index),
    mail: `u${index}`,
  }));
  await stage.collection('users').insertMany(documents);
  return stage;
}

function change(...pipeline: JsonObject[]): AnyOperationInput & { type: 'migrate_data' } {
  return { type: 'migrate_data', collection: 'users', data: { pipeline }, batch_size: 7 };
}

const once = change({ $set: { n: { $add: ['$n', 1000] } } });

describe('changes that the server carries out with their images', () => {
  it.each([
    ['fields that are set and taken away', change({ $set: { email: '$mail' } }, { $unset: 'mail' }), 'server'],
    ['a document in place of it', change({ $replaceWith: { $mergeObjects: [{ first: 1 }, { n: '$n' }] } }), 'server'],
    ['a new root', change({ $replaceRoot: { newRoot: { mail: '$mail' } } }), 'server'],
    ['a variable of its own', change({ $set: { n: { $let: { vars: { x: '$n' }, in: { $add: ['$$x', 1] } } } } }), 'server'],
    ['a projection', change({ $project: { n: 1 } }), 'client'],
    ['the document in itself', change({ $set: { copy: '$$ROOT' } }), 'client'],
    ['the time', change({ $set: { at: '$$NOW' } }), 'client'],
    ['chance', change({ $set: { at: { $rand: {} } } }), 'client'],
    ['the name of the field that is carried', change({ $set: { polyshift_before: 1 } }), 'client'],
    [
      'a renamed field',
      { type: 'rename_field', collection: 'users', data: { old_name: 'mail', new_name: 'email' }, batch_size: 7 },
      'server',
    ],
    ['a removed field', { type: 'remove_field', collection: 'users', data: { field_name: 'mail' }, batch_size: 7 }, 'server'],
    ['a type', { type: 'change_type', collection: 'users', data: { field_name: 'n', to: 'text' }, batch_size: 7 }, 'server'],
  ] as const)('%s: the images are made where that is exact, and everything goes back', async (_name, input, by) => {
    await using stage = await seeded();
    const before = await stage.session.fingerprint('users');
    const step = new Step(stage.session, input as unknown as AnyOperationInput & { type: 'migrate_data' });
    expect(await step.execute()).toBe(count);
    expect(await imagesBy(stage)).toEqual({ server: 0, client: 0, [by]: count });
    expect(await stage.session.fingerprint('users')).not.toEqual(before);
    expect(failures(await step.verify())).toEqual([]);
    await step.rollback();
    expect(await stage.session.fingerprint('users')).toEqual(before);
  });

  it('leave a batch to the client in which documents stay as they are, or have the field that is carried', async () => {
    await using stage = await seeded();
    const users = stage.collection('users');
    await users.updateOne({ _id: 3 as never }, { $set: { plan: 'free' } });
    await users.updateOne({ _id: 10 as never }, { $set: { polyshift_before: { mine: true } } });
    const before = await stage.session.fingerprint('users');
    const step = new Step(stage.session, change({ $set: { plan: 'free' } }));
    await step.execute();
    expect(await imagesBy(stage)).toMatchObject({ server: count - 14 });
    expect(await users.countDocuments({ plan: 'free' })).toBe(count);
    expect(failures(await step.verify())).toEqual([]);
    await step.rollback();
    expect(await stage.session.fingerprint('users')).toEqual(before);
  });

  it('bring back documents with types that drivers do not write any more', async () => {
    await using stage = await seeded();
    const [document] = (await stage
      .collection('users')
      .find({ _id: 5 as never }, { raw: true })
      .toArray()) as unknown as Buffer[];
    const fields = elementsOf(document!).map((element) => document!.subarray(element.start, element.end));
    await stage.collection('users').deleteOne({ _id: 5 as never });
    const old = documentOf([...fields, Buffer.from('\x06gone\0', 'latin1')]);
    await allWritten(insertRaw(stage.store, 'users', [old], {}));
    const step = new Step(stage.session, once);
    await step.execute();
    await step.rollback();
    const [back] = (await stage
      .collection('users')
      .find({ _id: 5 as never }, { raw: true })
      .toArray()) as unknown as Buffer[];
    expect(back!.equals(old)).toBe(true);
  });

  it('name documents that are not as their image says: as they were before, written since, deleted', async () => {
    await using stage = await seeded();
    const users = stage.collection('users');
    const step = new Step(stage.session, once);
    await step.execute();
    await users.updateOne({ _id: 1 as never }, { $set: { n: new Int32(1) } });
    await users.updateOne({ _id: 2 as never }, { $set: { note: 'mine' } });
    await users.deleteOne({ _id: 3 as never });
    const [, changed, written] = await step.verify();
    expect(changed).toMatchObject({ status: 'FAILED', data: { changed: count - 3, unchanged: 1 } });
    expect(written?.message).toContain('2 documents');
  });

  it('keep no image of a batch that was not committed, whatever the application writes there then', async () => {
    await using stage = await seeded();
    const users = stage.collection('users');
    const step = new Step(stage.session, once);
    let kept = 0;
    step.fault = (place) => {
      if (place === 'kept' && kept++ === 2) throw new Error('stopped');
    };
    await expect(step.execute()).rejects.toThrow('stopped');
    const changed = await users.countDocuments({ n: { $gte: 1000 } });
    expect(changed).toBeLessThan(count);
    // As the change would have left it: nothing of it may be taken for the change's.
    await users.updateMany({ n: { $lt: 1000 } }, [{ $set: { n: { $add: ['$n', 1000] } } }]);
    step.fault = () => undefined;
    await step.rollback();
    expect((await imagesBy(stage)).server).toBe(changed);
    expect(await users.countDocuments({ n: { $gte: 1000 } })).toBe(count - changed);
  });

  it('do not commit what another run has taken over', async () => {
    await using stage = await seeded();
    const before = await stage.session.fingerprint('users');
    const slow = new Step(stage.session, once);
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const reached = new Promise<void>((resolve) => {
      slow.fault = async (place) => {
        if (place !== 'kept') return;
        resolve();
        await released;
      };
    });
    const lost = expect(slow.execute()).rejects.toMatchObject({ code: 'LEASE_LOST' });
    await reached;
    const other = new Step(stage.session, once);
    const done = other.execute();
    const lanes = stage.collection('polyshift_aside_1_0_lanes');
    while ((await lanes.countDocuments({ claim: { $gt: 1 } })) === 0) await sleep(10);
    release();
    await lost;
    expect(await done).toBe(count);
    const users = stage.collection('users');
    expect((await users.find({}).sort({ _id: 1 }).toArray()).map((user) => user['n'])).toEqual(
      Array.from({ length: count }, (_, index) => index + 1000),
    );
    expect(failures(await other.verify())).toEqual([]);
    await other.rollback();
    expect(await stage.session.fingerprint('users')).toEqual(before);
  });

  it('do not keep the application from documents while a batch before waits for it', async () => {
    await using stage = await seeded();
    const users = stage.collection('users');
    const session = stage.store.client.startSession();
    session.startTransaction();
    await users.updateOne({ _id: 2 as never }, { $set: { note: 'mine' } }, { session });
    const step = new Step(stage.session, once);
    let kept = 0;
    step.fault = (place) => {
      if (place === 'kept') kept++;
    };
    const done = step.execute();
    while (kept === 0) await sleep(10);
    // Of the second batch, which is ready: it lets go of its documents although the first one is still held up.
    while (!(await users.updateOne({ _id: 9 as never }, { $set: { note: 'mine' } }).catch(() => undefined))) await sleep(50);
    await session.commitTransaction();
    await session.endSession();
    expect(await done).toBe(count);
    expect(failures(await step.verify())).toEqual([]);
    await step.rollback();
    expect(await users.countDocuments({ note: 'mine' })).toBe(2);
    expect((await users.find({}).sort({ _id: 1 }).toArray()).map((user) => user['n'])).toEqual(
      Array.from({ length: count }, (_, index) => index),
    );
  });

  it('have an image of each document that they change and of no other, while documents come and go', async () => {
    await using stage = await seeded();
    const users = stage.collection('users');
    const step = new Step(stage.session, { ...once, batch_size: 3 });
    let going = true;
    const writing = (async () => {
      for (let index = 0; going; index++) {
        await users
          .insertOne({ _id: ((index % 400) / 10 + 0.05) as never, n: new Int32(index), mail: 'new' })
          .catch(() => undefined);
        if (index % 3 === 0) await users.deleteOne({ _id: ((index * 7) % count) as never });
      }
    })();
    await step.execute();
    going = false;
    await writing;
    const images = new Set((await stage.collection('polyshift_aside_1_0').find({}).toArray()).map(({ _id }) => Number(_id)));
    for (const { _id, n } of await users.find({}).toArray())
      expect(n >= 1000, `the document ${_id}`).toBe(images.has(Number(_id)));
    expect(failures(await step.verify())).toEqual([]);
    await step.rollback();
    expect(await users.countDocuments({ n: { $gte: 1000 } })).toBe(0);
  });
});

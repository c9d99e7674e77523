import { finalize, status, unlock, up, verify } from '@polyshift/core';
import type { Collection, Document } from 'mongodb';
import { expect, it } from 'vitest';
import { caughtUp, migrationsOf, online } from './online-stage.ts';
import { openStage, type Stage } from './stage.ts';

type Side = 'old' | 'new';

/** What both versions should hold of one _id: whether it is there, its fields wherever they stand, and which parts have a document. */
interface Entity {
  user: boolean;
  fields: Document;
  readonly parts: Record<Side, boolean>;
}

const partFields: Record<Side, readonly string[]> = { old: ['bio', 'avatar'], new: ['street', 'city'] };
const ids = 14;

/** Numbers that come again with the same seed. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const only = (fields: Document, names: readonly string[]): Document =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));
const without = (fields: Document, names: readonly string[]): Document =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));

/** Applications of both versions, one write after the other, and what should come of it. */
class Model {
  readonly now: Entity[] = Array.from({ length: ids }, () => ({ user: false, fields: {}, parts: { old: false, new: false } }));
  private inStep: Entity[] = structuredClone(this.now);
  readonly log: string[] = [];
  /** _ids deleted since all was carried over: after a stop nobody knows whether the other version had them. */
  private readonly deleted = new Set<number>();
  private readonly main: Record<Side, Collection<Document>>;
  private readonly part: Record<Side, Collection<Document>>;
  private readonly keys: Record<Side, string>;
  private readonly pick: (below: number) => number;
  private count = 0;

  constructor(stage: Stage, keys: Record<Side, string>, pick: (below: number) => number) {
    this.main = { old: stage.collection('users'), new: stage.collection('users_v0001') };
    this.part = { old: stage.collection('profiles'), new: stage.collection('addresses') };
    this.keys = keys;
    this.pick = pick;
  }

  /**
   * One write of one kind by the application of one version.
   *
   * @param last whether all is carried over before the next one: then a deleted document may leave its parts behind
   */
  async write(side: Side, id: number, last = false): Promise<void> {
    const entity = this.now[id]!;
    const was = this.inStep[id]!;
    const filter = { _id: id as never };
    const names = partFields[side];
    const value = [++this.count, `v${this.count}`, null, { deep: this.count, 9: [1] }][this.pick(4)];
    const sameParts = (): boolean =>
      entity.parts[side] === was.parts[side] &&
      JSON.stringify(only(entity.fields, names)) === JSON.stringify(only(was.fields, names));
    // Parts of a document that was deleted are not written any more: nobody could tell what is meant.
    const partsAllowed = entity.user || (!was.user && !this.deleted.has(id));
    const kinds = [
      ...(entity.user ? ['set', 'set', 'unset', 'replace', 'delete', 'delete'] : ['insert', 'insert', 'insert']),
      ...(partsAllowed ? ['set part', 'set part', 'unset part', 'delete part', 'part anew'] : []),
    ];
    const kind = kinds[this.pick(kinds.length)]!;
    const own = ['mail', 'age', ...partFields[side === 'old' ? 'new' : 'old']];
    const name = own[this.pick(own.length)]!;
    const partName = names[this.pick(2)]!;
    this.log.push(`${side} ${id}: ${kind} ${name} ${partName} ${JSON.stringify(value)}`);
    switch (kind) {
      case 'insert':
        entity.fields = { ...only(entity.fields, names), mail: value, [name]: value };
        entity.user = true;
        await this.main[side].insertOne({ ...filter, ...without(entity.fields, names) });
        break;
      case 'replace':
        entity.fields = { ...only(entity.fields, names), [name]: value, age: this.count };
        await this.main[side].replaceOne(filter, without(entity.fields, names));
        break;
      case 'set':
        entity.fields[name] = value;
        await this.main[side].updateOne(filter, { $set: { [name]: value } });
        break;
      case 'unset':
        delete entity.fields[name];
        await this.main[side].updateOne(filter, { $unset: { [name]: 1 } });
        break;
      case 'delete':
        if (!last || !was.user || !sameParts()) await this.deletePart(side, id);
        this.deleted.add(id);
        entity.user = false;
        entity.fields = only(entity.fields, names);
        await this.main[side].deleteOne(filter);
        break;
      case 'set part':
        entity.fields[partName] = value;
        entity.parts[side] = true;
        await this.part[side].updateOne(this.ofPart(side, id), { $set: { [partName]: value } }, { upsert: true });
        break;
      case 'unset part':
        delete entity.fields[partName];
        await this.part[side].updateOne(this.ofPart(side, id), { $unset: { [partName]: 1 } });
        break;
      case 'part anew':
        if (!entity.parts[side]) break;
        await this.part[side].deleteOne(this.ofPart(side, id));
        await this.part[side].insertOne({ ...only(entity.fields, names), ...this.ofPart(side, id) });
        break;
      default:
        await this.deletePart(side, id);
    }
  }

  private async deletePart(side: Side, id: number): Promise<void> {
    const entity = this.now[id]!;
    entity.fields = without(entity.fields, partFields[side]);
    entity.parts[side] = false;
    await this.part[side].deleteOne(this.ofPart(side, id));
  }

  private ofPart(side: Side, id: number): Document {
    return { [this.keys[side]]: id };
  }

  private hasFields(side: Side, fields: Document): boolean {
    return Object.keys(only(fields, partFields[side])).length > 0;
  }

  /** What holds once everything is carried over; gives the number of writes that fit nowhere. */
  settle(owners: readonly Side[]): number {
    let refused = 0;
    for (const [id, entity] of this.now.entries()) {
      const side = owners[id]!;
      const other = side === 'old' ? 'new' : 'old';
      if (!entity.user && entity.parts[side] && this.inStep[id]!.user) {
        entity.fields = {};
        entity.parts[side] = false;
      }
      if (!entity.user) {
        entity.parts[other] = false;
        if (entity.parts[side]) refused++;
        continue;
      }
      const has = Object.keys(only(entity.fields, partFields[other])).length > 0;
      const had = Object.keys(only(this.inStep[id]!.fields, partFields[other])).length > 0;
      entity.parts[other] = has || (entity.parts[other] && !had);
    }
    this.inStep = structuredClone(this.now);
    this.deleted.clear();
    return refused;
  }

  /** _ids of parts that wait for their documents. */
  waiting(side: Side): number[] {
    return this.now.flatMap((entity, id) => (!entity.user && entity.parts[side] ? [id] : []));
  }

  /** What a version should hold, and what it holds. */
  async compare(side: Side): Promise<{ expected: object; found: object }> {
    const names = partFields[side];
    const all = [...this.now.entries()];
    const users = all.flatMap(([_id, { user, fields }]) => (user ? [{ _id, ...without(fields, names) }] : []));
    const parts = all.flatMap(([id, { fields, parts: there }]) =>
      there[side] && this.hasFields(side, fields) ? [{ [this.keys[side]]: id, ...only(fields, names) }] : [],
    );
    const key = this.keys[side];
    // A document without any of the fields says nothing, and may stay or go.
    const found = (
      await this.part[side]
        .find()
        .sort({ [key]: 1 })
        .toArray()
    ).filter((each) => this.hasFields(side, each));
    return {
      expected: { users, parts },
      found: {
        users: await this.main[side].find().sort({ _id: 1 }).toArray(),
        parts: found.map((document) => (key === '_id' ? document : without(document, ['_id']))),
      },
    };
  }
}

it.each([
  ['by change streams', [], { old: '_id', new: 'user_id' }, 3],
  ['without transactions', ['transactions', 'pipeline_updates', 'snapshot_reads'], { old: '_id', new: 'user_id' }, 8],
  ['by comparing, without transactions', ['change_streams', 'transactions'], { old: 'user_id', new: 'user_id' }, 6],
] as const)(
  'writes of every kind to every collection of both versions come to the same, with stops between them, %s, by %o',
  { timeout: 300_000 },
  async (_name, features, keys, seed) => {
    await using stage = await openStage([...features]);
    const pick = random(seed);
    const model = new Model(stage, keys, pick);
    await stage.store.db.createCollection('users');
    if (keys.old !== '_id') await stage.collection('profiles').createIndex({ [keys.old]: 1 }, { unique: true });
    for (let id = 0; id < ids; id++) for (let n = pick(6); n > 0; n--) await model.write('old', id);
    for (const id of model.waiting('old')) await model.write('old', id);
    for (const id of model.waiting('old')) await stage.collection('profiles').deleteOne({ [keys.old]: id });
    for (const id of model.waiting('old')) model.now[id] = { user: false, fields: {}, parts: { old: false, new: false } };
    const change = {
      split: [{ into: 'addresses', fields: [...partFields.new], key: [keys.new] }],
      merge: [{ from: 'profiles', fields: [...partFields.old], key: [keys.old] }],
    };
    const runner = { session: stage.session, migrations: migrationsOf(online([], change, 5)) };
    await up(runner);
    model.settle(Array.from({ length: ids }, () => 'old'));
    let stops = 0;
    for (let round = 0; round < 10; round++) {
      // Between two rounds each document is written by one version: that both may write is another question.
      const waits = new Set(model.waiting('new'));
      const kept = new Set(model.waiting('old'));
      const owners = Array.from(
        { length: ids },
        (_, id): Side => (waits.has(id) ? 'new' : kept.has(id) ? 'old' : pick(2) ? 'new' : 'old'),
      );
      for (let batch = pick(3); batch >= 0; batch--) {
        for (let n = 0; n < 12; n++) {
          const id = pick(ids);
          await model.write(owners[id]!, id, batch === 0);
        }
        let left = pick(8);
        const stopped = caughtUp({
          ...runner,
          fault: (place) => {
            if (place.startsWith('online_change.') && left-- === 0) throw new Error('stopped');
          },
        });
        if (await stopped.then(() => false).catch((error: Error) => error.message === 'stopped')) {
          stops++;
          await unlock(stage.session);
        } else await stopped;
        model.log.push('----');
        // Once a round has come to its end, what is in step is another.
        if (left >= 0) model.settle(owners);
      }
      await caughtUp(runner);
      const refused = model.settle(owners);
      const context = `round ${round}:\n${model.log.join('\n')}`;
      for (const side of ['old', 'new'] as const) {
        const { expected, found } = await model.compare(side);
        expect(found, `${side} ${context}`).toEqual(expected);
      }
      expect((await status(runner)).versions?.collections[0]?.refused, context).toBe(refused);
      expect(
        (await verify(runner)).checks.filter(({ status: is }) => is === 'FAILED'),
        context,
      ).toEqual([]);
      model.log.length = 0;
    }
    expect(stops).toBeGreaterThan(2);
    for (const side of ['old', 'new'] as const)
      for (const id of model.waiting(side))
        await stage.collection(side === 'old' ? 'profiles' : 'addresses').deleteOne({ [keys[side]]: id });
    await finalize(runner, { version: '1', old_version_ended: true });
    for (const id of model.waiting('new')) model.now[id] = { user: false, fields: {}, parts: { old: false, new: false } };
    const { expected, found } = await model.compare('new');
    expect(found).toEqual(expected);
  },
);

import type { JsonValue, Partition } from '@polyshift/core';
import fc from 'fast-check';
import type { Document } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { idKey } from '../src/bson/id.ts';
import { idValue } from './arbitraries.ts';
import { openStage, ways } from './stage.ts';

describe.each(ways)('source, %s', (_name, without) => {
  it('gives every document once in the order of _id, over all types of _id, however it is split and resumed', async () => {
    await using stage = await openStage(without);
    let number = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(idValue, { minLength: 1, maxLength: 40, selector: (value) => JSON.stringify(value) + String(value) }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 7 }),
        async (ids, want, batch_size) => {
          const name = `mixed_${number++}`;
          await stage.collection(name).insertMany(
            ids.map((_id) => ({ _id }) as Document),
            { ordered: false, forceServerObjectId: true },
          );
          const raw = (await stage
            .collection(name)
            .find({}, { raw: true, sort: { _id: 1 } })
            .toArray()) as unknown as Buffer[];
          await using scan = await stage.session.source!.scan({ collection: name });
          const seen: string[] = [];
          for (const partition of JSON.parse(JSON.stringify(await scan.partitions(want))) as Partition[]) {
            let after: JsonValue | undefined;
            // One batch at a time, each time as if the process had been started anew.
            for (;;) {
              const batches = scan.read(partition, { batch_size, after })[Symbol.asyncIterator]();
              const next = await batches.next();
              await batches.return?.();
              if (next.done) break;
              if (next.value.batch.kind !== 'documents') throw new Error('documents were expected');
              seen.push(...next.value.batch.documents.map((document) => idKey(document as Buffer)));
              after = JSON.parse(JSON.stringify(next.value.last_key)) as JsonValue;
            }
          }
          expect(seen).toEqual(raw.map((document) => idKey(document)));
        },
      ),
      { numRuns: 25 },
    );
  });

  it('gives the fields that were asked for, with their paths, and tells what there is', async () => {
    await using stage = await openStage(without);
    await stage.collection('docs').insertMany([
      { _id: 1 as never, a: 1, b: { c: 'x', d: 2 }, e: true },
      { _id: 2 as never, a: 'mixed', b: { c: 'y' } },
    ]);
    await using scan = await stage.session.source!.scan({ collection: 'docs', fields: ['a', 'b.c'] });
    expect(scan.description.columns.map(({ name, type, nullable }) => [name, type.kind, nullable])).toEqual([
      ['_id', 'int32', false],
      ['a', 'dynamic', false],
      ['b', 'document', false],
    ]);
    expect(scan.description).toMatchObject({ dynamic: true, key: ['_id'], approximate_count: 2 });
    for await (const { batch } of scan.read((await scan.partitions(1))[0]!, { batch_size: 10 })) {
      if (batch.kind !== 'documents') throw new Error('documents were expected');
      expect(batch.documents.map((document) => batch.decode(document))).toEqual([
        new Map<string, unknown>([
          ['_id', 1],
          ['a', 1],
          ['b', new Map([['c', 'x']])],
        ]),
        new Map<string, unknown>([
          ['_id', 2],
          ['a', 'mixed'],
          ['b', new Map([['c', 'y']])],
        ]),
      ]);
      expect(batch.decodeValue(batch.get(batch.documents[0], 'b.c'))).toBe('x');
      expect(batch.get(batch.documents[1], 'b.d')).toBeUndefined();
    }
  });

  it('stops between two batches when it is asked to', async () => {
    await using stage = await openStage(without);
    await stage.collection('docs').insertMany(Array.from({ length: 50 }, (_, index) => ({ _id: index as never })));
    await using scan = await stage.session.source!.scan({ collection: 'docs' });
    const stop = new AbortController();
    let batches = 0;
    const reading = (async () => {
      for await (const _batch of scan.read((await scan.partitions(1))[0]!, { batch_size: 10, signal: stop.signal })) {
        if (++batches === 2) stop.abort(new Error('enough'));
      }
    })();
    await expect(reading).rejects.toThrow('enough');
    expect(batches).toBe(2);
  });
});

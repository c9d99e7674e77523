import type { Document } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { countOthers, slowestLag } from '../src/pressure.ts';
import { openStage } from './stage.ts';

const comment = 'polyshift pressure 1';

/** An operation as `$currentOp` lists it. */
const operation = (parts: Document): Document => ({
  type: 'op',
  desc: 'conn7',
  connectionId: 7,
  client: '10.0.0.9:50000',
  appName: 'shop',
  active: true,
  op: 'query',
  ns: 'shop.orders',
  command: { find: 'orders' },
  ...parts,
});
const asking = operation({
  client: '10.0.0.1:40000',
  appName: 'polyshift',
  op: 'command',
  ns: 'admin.$cmd.aggregate',
  command: { aggregate: 1, pipeline: [{ $currentOp: {} }], comment },
});

describe('the load of MongoDB', () => {
  it.each<[string, Document, number]>([
    ['a query of an application', operation({}), 1],
    ['another process of polyshift on another host', operation({ appName: 'polyshift', client: '10.0.0.2:40000' }), 1],
    ['another connection of this process', operation({ appName: 'polyshift', client: '10.0.0.1:40001' }), 0],
    ['an application on the same host', operation({ client: '10.0.0.1:40002' }), 1],
    ['one that is not active', operation({ active: false }), 0],
    ['a thread of the server', operation({ connectionId: undefined, client: undefined, desc: 'ReplBatcher' }), 0],
    ['a secondary that reads the oplog', operation({ op: 'getmore', ns: 'local.oplog.rs' }), 0],
    ['a client that watches the server', operation({ ns: 'admin.$cmd', command: { hello: 1, topologyVersion: {} } }), 0],
    ['a change stream that waits', operation({ op: 'getmore', cursor: { tailable: true, awaitData: true } }), 0],
    ['a cursor that reads', operation({ op: 'getmore', cursor: { tailable: false, awaitData: false } }), 1],
  ])('%s', (_name, other, count) => {
    expect(countOthers([asking, other], comment)).toBe(count);
  });

  it('is not known where a server does not even list the operation that asks', () => {
    expect(countOthers([], comment)).toEqual({ unknown: 'the server does not list its operations' });
  });
});

describe('the lag of a replica set', () => {
  const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
  const member = (parts: Document): Document => ({ _id: 1, health: 1, state: 2, optimeDate: at(30), ...parts });
  const primary = member({ _id: 0, state: 1, self: true });
  it.each<[string, Document[], ReturnType<typeof slowestLag>]>([
    ['of a primary alone', [primary], 0],
    ['of the slowest secondary', [primary, member({}), member({ _id: 2, optimeDate: at(23) })], 7000],
    ['without a member that is down', [primary, member({ health: 0, state: 8, optimeDate: at(1) })], 0],
    ['without one that makes its first copy', [primary, member({ state: 5, optimeDate: new Date(0) })], 0],
    ['of a secondary that is ahead of what the primary has heard', [primary, member({ optimeDate: at(31) })], 0],
    ['beyond the configured delay', [primary, member({ _id: 3, optimeDate: at(18) })], 2000],
    ['without a primary', [member({})], { unknown: 'the replica set has no primary that says how far it is' }],
    [
      'of one that does not say',
      [primary, member({ optimeDate: undefined })],
      { unknown: 'a secondary does not say how far it is' },
    ],
  ])('%s', (_name, members, lag) => {
    expect(slowestLag(members, new Map([[3, 10_000]]))).toEqual(lag);
  });
});

it('a server tells what it can, and says why not of the rest', async () => {
  await using stage = await openStage();
  const pressure = await stage.session.pressure!();
  expect(pressure.replica_lag_ms ?? pressure.unknown?.replica_lag_ms).toBeDefined();
  if (stage.store.server.stand_in)
    expect(pressure).toEqual({ replica_lag_ms: 0, load: null, unknown: { load: 'the server does not list its operations' } });
  else expect(pressure.load).toBeTypeOf('number');
});

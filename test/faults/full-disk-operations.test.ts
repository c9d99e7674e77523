import { join } from 'node:path';
import { doctor, down, status, up } from '@polyshift/core';
import { startServer, type TestServer } from '@polyshift/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MigratedPeople } from './migrated-people.ts';
import { SmallDisk, whyNoSmallDisk } from './small-disk.ts';
import { atPasses, FaultStage } from './stage.ts';
import { type FaultStore, faultStores } from './stores.ts';

/** A server on a disk of its own. */
interface OnSmallDisk {
  readonly megabytes: number;
  /** Keep what it writes in advance small. */
  readonly settings: Readonly<Record<string, string>>;
  /** Settings of files that are on another disk. */
  readonly separate: readonly string[];
}

/** The servers whose disk is filled, or why it is not. */
const disks: Readonly<Record<FaultStore['server'], OnSmallDisk | string>> = {
  postgresql: { megabytes: 160, settings: { max_wal_size: '32MB', min_wal_size: '32MB' }, separate: [] },
  // Without room for its binary log a server lets all writes wait, and looks for room once a minute: see waiting-writes.test.ts.
  mysql: { megabytes: 320, settings: { 'innodb-redo-log-capacity': '8M' }, separate: ['log-bin'] },
  // Without room for temporary files it cannot even be asked what it is.
  mariadb: { megabytes: 320, settings: { 'innodb-log-file-size': '8M' }, separate: ['log-bin', 'tmpdir'] },
  redis: { megabytes: 16, settings: {}, separate: [] },
  mongodb: 'the stand-in keeps its data in memory',
  dynamodb: 'DynamoDB Local keeps its data in memory, and the service has no disk that its users could fill',
  cassandra: 'a node that cannot write its commit log stops, which is a store that goes away',
  elasticsearch: 'a node blocks writes before its disk is full: that block is tried among the stores that take no writes',
};

const ways = faultStores.flatMap(([name, store]) => {
  const disk = disks[store.server];
  return typeof disk === 'string' ? [] : [[name, store, disk] as const];
});
const whyNot = whyNoSmallDisk === undefined ? '' : ` (not tried: ${whyNoSmallDisk})`;

describe.skipIf(whyNoSmallDisk !== undefined).each(ways)(`migrations on %s with a full disk${whyNot}`, (_server, store, way) => {
  let disk: SmallDisk;
  let other: SmallDisk;
  let server: TestServer;
  let stage: FaultStage;
  let people: MigratedPeople;
  beforeAll(async () => {
    disk = new SmallDisk(way.megabytes);
    other = new SmallDisk(64);
    const separate = way.separate.map((name) => [name, name === 'tmpdir' ? other.path : join(other.path, name)]);
    const settings = { ...way.settings, ...(Object.fromEntries(separate) as Record<string, string>) };
    server = await startServer(store.server, { kinds: ['native'], dataDir: disk.path, settings });
    stage = await FaultStage.open(store, server);
    // So large that a change of all rows needs room, whatever the server has in advance.
    people = await MigratedPeople.load(stage, 3000);
  });
  afterAll(async () => {
    disk?.empty();
    await stage?.[Symbol.asyncDispose]();
    await server?.stop();
    disk?.[Symbol.dispose]();
    other?.[Symbol.dispose]();
  });

  const fillAt = (guard: number) => atPasses('guard', { [guard]: () => disk.fill() });
  const full = { code: 'STORE_FULL', exit: 5 };
  /** Makes room, and runs a command to its end. */
  const withRoom = async (command: typeof up | typeof down) => {
    disk.empty();
    await using session = await stage.connect();
    await command(people.runner(session));
    return await session.fingerprint('people');
  };

  it('end resumable in the middle of up, and say so; once there is room, up finishes', async () => {
    expect(await people.failing(up, fillAt(2))).toMatchObject(full);
    {
      await using session = await stage.connect();
      expect((await status(people.runner(session))).migrations).toMatchObject([{ version: '1', state: 'running' }]);
      const { findings } = await doctor(people.runner(session));
      const commands = findings.flatMap(({ choices }) => choices.map(({ command }) => command));
      expect(commands).toEqual(expect.arrayContaining(['polyshift up', 'polyshift down']));
    }
    expect(await withRoom(up)).toEqual(people.after);
  });

  it('go back in the middle of down, at once or once there is room', async () => {
    // What goes back may fit where it was.
    const error = await people.attempted(down, fillAt(2));
    if (error) expect(error).toMatchObject(full);
    expect(await withRoom(down)).toEqual(people.before);
  });

  it('go back from the middle of up once there is room', async () => {
    expect(await people.failing(up, fillAt(2))).toMatchObject(full);
    expect(await withRoom(down)).toEqual(people.before);
  });
});

import { setTimeout as pause } from 'node:timers/promises';
import { addressOf, TcpProxy } from '@polyshift/testkit/faults';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { faultStores, throughProxy } from '../faults/stores.ts';
import type { MatrixStore } from '../matrix/stores.ts';
import { acknowledgements, type Ledger, startWriters } from './ledger.ts';
import { openWriter } from './writers/registry.ts';
import { firstKey, seededFields, table, WriterStage } from './writers/stage.ts';

/** How a row comes to be there twice, or why it cannot. */
type Doubling = { readonly twice: (url: string, key: number, note: string) => Promise<void> } | string;

/** Takes the key away from a table, which is all that keeps a row from being inserted twice. */
async function mysqlTwice(url: string, key: number, note: string): Promise<void> {
  const connection = await mysql.createConnection({ uri: url });
  await connection.query(`ALTER TABLE ${table} DROP PRIMARY KEY`);
  await connection.query(`INSERT INTO ${table} (id, note) VALUES (?, ?)`, [key, note]);
  await connection.end();
}

const doublings: Readonly<Record<MatrixStore['server'], Doubling>> = {
  postgresql: {
    async twice(url, key, note) {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${table}_pkey`);
      await client.query(`INSERT INTO ${table} (id, note) VALUES ($1, $2)`, [key, note]);
      await client.end();
    },
  },
  mysql: { twice: mysqlTwice },
  mariadb: { twice: mysqlTwice },
  mongodb: 'every collection has a unique index over _id',
  dynamodb: 'an item is named by its key',
  cassandra: 'a row is named by its key',
  redis: 'a row is one key of the server',
  elasticsearch: {
    async twice(url, key, note) {
      const { host, searchParams } = new URL(url);
      const response = await fetch(`http://${host}/${searchParams.get('index_prefix')}${table}/_doc/another`, {
        method: 'PUT',
        body: JSON.stringify({ id: key, note }),
        headers: { 'content-type': 'application/json' },
      });
      expect(response.status).toBe(201);
    },
  },
};

/** Keys of the ledger's own rows that have one, and that have none. */
function keysOf(ledger: Ledger): { present: number[]; removed: number[] } {
  const own = ledger.keys().filter((key) => key >= firstKey);
  return {
    present: own.filter((key) => ledger.present(key)),
    removed: own.filter((key) => ledger.expected(key)?.every((left) => left === undefined)),
  };
}

describe.each(faultStores)('writers on %s', (server, store) => {
  it('find every acknowledged write, and report each that was lost, undone or not theirs', async () => {
    await using stage = await WriterStage.open(store, 6);
    const { writer } = stage;
    const writers = startWriters(writer, { seed: 1, concurrency: 6, firstKey, existing: [1, 2, 3] });
    await acknowledgements(writers.ledger, 200);
    const ledger = await writers.stop();
    expect(ledger.check(await writer.readAll()), ledger.errors.join('\n')).toEqual([]);
    expect(ledger.counts).toMatchObject({ refused: 0, unknown: 0 });
    const { present, removed } = keysOf(ledger);
    const [tampered, older, lost, emptied] = present.filter((key) => ledger.sent(key).size > 1) as [
      number,
      number,
      number,
      number,
    ];
    const first = (key: number): string => [...ledger.sent(key)][0]!;

    await writer.update(tampered, 'tampered');
    await writer.update(older, first(older));
    await writer.remove(lost);
    await writer.remove(2);
    await writer.insert(removed[0]!, first(removed[0]!));
    await writer.insert(firstKey + 900_000, 'stranger');
    const expected = (key: number): string => ledger.expected(key)!.join();
    expect(ledger.check(await writer.readAll()).sort()).toEqual(
      [
        `row ${tampered} has the note tampered, which nobody wrote there: the note ${expected(tampered)} was acknowledged`,
        `row ${older} has the note ${first(older)}, which is older than the acknowledged one, ${expected(older)}`,
        `row ${lost} is missing: the note ${expected(lost)} was acknowledged`,
        `row 2 is missing: the note ${expected(2)} was acknowledged`,
        `row ${removed[0]} is back with the note ${first(removed[0]!)}: its removal was acknowledged`,
        `row ${firstKey + 900_000} was written by nobody: stranger`,
      ].sort(),
    );
    // An application meets the loss itself when it writes the row again.
    await expect(writer.update(lost, 'again')).rejects.toThrow('has met 0 rows');
    expect(await writer.readAll().then((rows) => rows.get(emptied))).toEqual([expected(emptied)]);
    expect(await writer.readAll().then((rows) => rows.get(6))).toEqual([seededFields(6).note]);
  });

  it('survive a connection that is cut and a server that is away, and go on', async () => {
    await using stage = await WriterStage.open(store, 3);
    await using proxy = await TcpProxy.open(addressOf(stage.database.url));
    await using writer = await openWriter[server as MatrixStore['server']](
      throughProxy(store, stage.database.url, proxy.address),
      table,
    );
    const writers = startWriters(writer, { seed: 2, concurrency: 6, rate: 600, firstKey, existing: [1, 2, 3] });
    await acknowledgements(writers.ledger, 60);
    proxy.refuse();
    proxy.cut();
    await pause(400);
    proxy.heal();
    await acknowledgements(writers.ledger, 60);
    const { counts, errors } = await writers.stop();
    expect(writers.ledger.check(await stage.writer.readAll()), errors.join('\n')).toEqual([]);
    expect(counts.refused + counts.unknown, 'writes that failed').toBeGreaterThan(0);
    expect(counts.longest_stall_ms).toBeGreaterThanOrEqual(300);

    // What they have written before, they go on with.
    const again = startWriters(stage.writer, { seed: 3, concurrency: 3, firstKey, existing: [1, 2, 3], ledger: writers.ledger });
    await acknowledgements(again.ledger, 40);
    await again.stop();
    expect(writers.ledger.check(await stage.writer.readAll()), errors.join('\n')).toEqual([]);
  });

  const doubling = doublings[server as MatrixStore['server']];
  it(typeof doubling === 'string' ? `know no doubled row: ${doubling}` : 'report a doubled row', async () => {
    await using stage = await WriterStage.open(store, 1);
    const { writer } = stage;
    const writers = startWriters(writer, { seed: 4, concurrency: 2, firstKey });
    await acknowledgements(writers.ledger, 20);
    const ledger = await writers.stop();
    const [key] = keysOf(ledger).present as [number];
    const note = ledger.expected(key)!.join();
    if (typeof doubling === 'string') {
      // It is refused, or takes the place of the first.
      await writer.insert(key, note).catch(() => undefined);
      expect(ledger.check(await writer.readAll())).toEqual([]);
    } else {
      await doubling.twice(stage.database.url, key, note);
      expect(ledger.check(await writer.readAll())).toEqual([`row ${key} is doubled: ${note}, ${note}`]);
      await expect(writer.readAll().then((rows) => rows.get(key))).resolves.toEqual([note, note]);
    }
  });
});

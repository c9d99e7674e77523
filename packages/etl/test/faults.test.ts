import { addressOf, TcpProxy, withAddress } from '@polyshift/testkit/faults';
import { describe, expect, it } from 'vitest';
import { type EtlEvent, rollbackEtl, runEtl, verifyEtl } from '../src/index.ts';
import { type AnyDocument, brokenAt, dependencies, failureOf, twoStores } from './two-stores.ts';

const stores = twoStores();

async function users(count = 200): Promise<void> {
  await stores.sql.query(`
    CREATE TABLE teams (id int PRIMARY KEY, name text);
    INSERT INTO teams SELECT i, 'T' || i FROM generate_series(0, 4) AS i;
    CREATE TABLE users (id int PRIMARY KEY, team_id int, name text);
    INSERT INTO users SELECT i, i % 5, 'U' || i FROM generate_series(1, ${count}) AS i`);
}

const join = { table: 'teams', on: { id: 'team_id' }, kind: 'one', as: 'team' };
const spec = (transform?: object, more: object = {}) =>
  stores.spec({
    ...more,
    steps: [
      { type: 'extract', source_table: 'users', batch_size: 50, joins: [join] },
      ...(transform ? [{ type: 'transform', ...transform }] : []),
      { type: 'load', target_table: 'users', batch_size: 25 },
    ],
  });

describe('a source that changes', () => {
  it.each([
    ['ALTER TABLE users ADD COLUMN age int', 'age is new', 'ALTER TABLE users DROP COLUMN age'],
    [
      'ALTER TABLE users RENAME COLUMN name TO title',
      'title is new, name is gone',
      'ALTER TABLE users RENAME COLUMN title TO name',
    ],
    [
      'ALTER TABLE users ALTER COLUMN name TYPE varchar(40)',
      'name was text and is character varying(40)',
      'ALTER TABLE users ALTER COLUMN name TYPE text',
    ],
  ])('before a run goes on, by %s, stops it until it is put back', async (change, what, back) => {
    await users();
    await runEtl(spec(), brokenAt('etl.after_checkpoint', 1)).catch(() => undefined);
    await stores.sql.query(change);
    const error = await failureOf(runEtl(spec(), dependencies()));
    expect(error).toMatchObject({ code: 'SOURCE_CHANGED', exit: 1 });
    expect(error.message).toContain(what);
    await stores.sql.query(back);
    expect(await runEtl(spec(), dependencies())).toMatchObject({ resumed: true, rows_read: 200, rows_rejected: 0 });
    expect((await verifyEtl(spec(), dependencies())).ok).toBe(true);
  });

  it('while rows are read is found before the load counts as done', async () => {
    await users();
    let changed = false;
    const error = await failureOf(
      runEtl(
        spec(),
        dependencies({
          fault: async (place) => {
            if (place !== 'etl.after_write' || changed) return;
            changed = true;
            await stores.sql.query('ALTER TABLE teams ADD COLUMN colour text');
          },
        }),
      ),
    );
    expect(error.message).toContain('team.colour is new');
    expect((await failureOf(runEtl(spec(), dependencies()))).code).toBe('SOURCE_CHANGED');
    await rollbackEtl(spec(), dependencies());
    expect(await runEtl(spec(), dependencies())).toMatchObject({ resumed: false, rows_read: 200 });
  });

  it('does not matter where no rule reads what has changed', async () => {
    await users();
    const rules = { transformation_rules: { _id: 'id', name: 'name' } };
    await runEtl(spec(rules), brokenAt('etl.after_checkpoint', 1)).catch(() => undefined);
    await stores.sql.query('ALTER TABLE users ADD COLUMN age int');
    expect(await runEtl(spec(rules), dependencies())).toMatchObject({ resumed: true, rows_read: 200 });
  });
});

describe.each(['source', 'target'] as const)('a connection to the %s that is cut', (side) => {
  it('again and again is made anew, and nothing is missing or doubled', async () => {
    await users();
    const url = side === 'source' ? stores.postgresql.url : stores.mongodb.url;
    await using proxy = await TcpProxy.open(addressOf(url));
    const proxied = withAddress(url, proxy.address);
    const cut = spec(undefined, {
      [side]: { ...stores[side === 'source' ? 'postgresql' : 'mongodb'], url: proxied },
      concurrency: 2,
    });
    const events: EtlEvent[] = [];
    let left = 3;
    const report = await runEtl(
      cut,
      dependencies({
        retries: 6,
        retry_pause_ms: 20,
        lease_ttl_ms: 300,
        emit: (event) => void events.push(event),
        fault: (place) => {
          if (place === 'etl.before_write' && left-- > 0) proxy.cut();
        },
      }),
    );
    expect(report).toMatchObject({ outcome: 'done', rows_read: 200, rows_rejected: 0 });
    expect(await stores.documents.collection('users').countDocuments()).toBe(200);
    expect((await verifyEtl(spec(), dependencies())).ok).toBe(true);
    if (side === 'target') expect(events.some((event) => event.kind === 'retry')).toBe(true);
  });
});

it('a row that is too large for the target is a dead letter, without its values where they do not fit either', async () => {
  await stores.sql.query(`CREATE TABLE texts (id int PRIMARY KEY, body text);
    INSERT INTO texts SELECT i, 'small' FROM generate_series(1, 5) AS i; INSERT INTO texts VALUES (6, repeat('x', 17000000))`);
  const large = stores.spec({
    max_rejected: 1,
    dead_letters: { table: 'rejected' },
    steps: [
      { type: 'extract', source_table: 'texts' },
      { type: 'load', target_table: 'texts' },
    ],
  });
  expect(await runEtl(large, dependencies())).toMatchObject({ rows_written: 5, rows_rejected: 1 });
  expect(await stores.documents.collection<AnyDocument>('rejected').find().toArray()).toMatchObject([
    { row_key: '6', source_row: 'null' },
  ]);
  expect((await verifyEtl(large, dependencies())).checks.filter(({ status }) => status === 'FAILED')).toEqual([]);
});

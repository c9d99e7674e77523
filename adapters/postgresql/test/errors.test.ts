import { PolyshiftError } from '@polyshift/core';
import { Client } from 'pg';
import { describe, expect, inject, it } from 'vitest';
import { classify, postgresql } from '../src/index.ts';
import { StepDriver, testDatabase } from './harness.ts';

const server = (code: string) => Object.assign(new Error('server'), { code, severity: 'ERROR' });
const node = (code: string) => Object.assign(new Error('node'), { code });

describe('classify', () => {
  it.each<[unknown, string, boolean]>([
    [server('08006'), 'CONNECTION_LOST', true],
    [server('08001'), 'CONNECTION_FAILED', true],
    [server('28P01'), 'AUTHENTICATION_FAILED', false],
    [server('28000'), 'AUTHENTICATION_FAILED', false],
    [server('3D000'), 'CONNECTION_FAILED', false],
    [server('53300'), 'STORE_BUSY', true],
    [server('53100'), 'STORE_FULL', true],
    [server('25006'), 'STORE_FULL', true],
    [server('57P01'), 'CONNECTION_LOST', true],
    [server('57014'), 'STORE_BUSY', true],
    [server('40001'), 'STORE_BUSY', true],
    [server('40P01'), 'STORE_BUSY', true],
    [server('55P03'), 'STORE_BUSY', true],
    [server('23505'), 'DUPLICATE_KEY', false],
    [server('23514'), 'CONSTRAINT_VIOLATED', false],
    [server('23502'), 'CONSTRAINT_VIOLATED', false],
    [server('42501'), 'PERMISSION_DENIED', false],
    [server('42P01'), 'UNKNOWN_COLLECTION', false],
    [server('42703'), 'UNKNOWN_FIELD', false],
    [server('42P07'), 'ALREADY_EXISTS', false],
    [server('42601'), 'INVALID_SYNTAX', false],
    [server('22P02'), 'CONVERSION_FAILED', false],
    [server('0A000'), 'UNSUPPORTED_OPERATION', false],
    [server('XX000'), 'STATEMENT_FAILED', false],
    [node('ECONNREFUSED'), 'CONNECTION_FAILED', true],
    [node('ENOTFOUND'), 'CONNECTION_FAILED', false],
    [node('ECONNRESET'), 'CONNECTION_LOST', true],
    [node('EPIPE'), 'CONNECTION_LOST', true],
    [new AggregateError([node('ECONNREFUSED')]), 'CONNECTION_FAILED', true],
    [new Error('Connection terminated unexpectedly'), 'CONNECTION_LOST', true],
    [new Error('timeout expired'), 'CONNECTION_FAILED', true],
    [new Error('The server does not support SSL connections'), 'CONNECTION_FAILED', false],
    [new PolyshiftError('LOCKED', 'x'), 'LOCKED', false],
    [new Error('?'), 'STATEMENT_FAILED', false],
    ['text', 'STATEMENT_FAILED', false],
  ])('%o', (error, code, retryable) => {
    expect(classify(error)).toEqual({ code, retryable });
  });
});

describe('connecting', () => {
  it.each<[string, Partial<URL>, string]>([
    ['a port that nobody serves', { port: '9' }, 'CONNECTION_FAILED'],
    ['a host that does not exist', { hostname: 'no-such-host.invalid' }, 'CONNECTION_FAILED'],
    ['a database that does not exist', { pathname: '/no_such_database' }, 'CONNECTION_FAILED'],
    ['a user who does not exist', { username: 'nobody_here' }, 'AUTHENTICATION_FAILED'],
  ])('to %s', async (_name, change, code) => {
    const target = Object.assign(new URL(inject('postgresqlUrl')), { password: 's3cret' }, change);
    const error = await postgresql.connect(target.href).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'PolyshiftError', code });
    expect(JSON.stringify(error)).not.toContain('s3cret');
  });

  it('shows its application name, and closes as often as one likes', async () => {
    await using database = await testDatabase();
    const rows = await database.sql(
      `SELECT DISTINCT application_name AS name FROM pg_stat_activity WHERE datname = current_database() AND application_name <> ''`,
    );
    expect(rows).toEqual([{ name: 'polyshift' }]);
    await database.session.close();
    await database.session.close();
  });
});

it('gives CONNECTION_LOST when the server ends the connection in the middle, and goes on afterwards', async () => {
  await using database = await testDatabase(
    'CREATE TABLE t (id integer PRIMARY KEY, n integer NOT NULL)',
    'INSERT INTO t SELECT g, g FROM generate_series(1, 300) AS g',
  );
  const before = await database.session.fingerprint('t');
  const step = await StepDriver.create(database.session, {
    type: 'migrate_data',
    collection: 't',
    data: { set: { n: 'n + 1' } },
    batch_size: 50,
  });
  await step.prepare();
  const killer = new Client({ connectionString: database.url });
  await killer.connect();
  const original = step.context.fault;
  let batches = 0;
  Object.assign(step.context, {
    fault: async (place: string) => {
      await original(place);
      if (place === 'rows_changed' && ++batches === 3) {
        await killer.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'polyshift' AND datname = current_database()`,
        );
      }
    },
  });
  await expect(step.execute()).rejects.toMatchObject({ code: 'CONNECTION_LOST', retryable: true });
  await killer.end();
  await step.execute();
  expect(await database.sql('SELECT sum(n)::int AS sum FROM t')).toEqual([{ sum: (300 * 301) / 2 + 300 }]);
  await step.rollback();
  expect(await database.session.fingerprint('t')).toEqual(before);
});

it('names the missing permission', async () => {
  await using database = await testDatabase('CREATE TABLE t (id integer PRIMARY KEY)');
  const role = `reader_${Date.now()}`;
  await database.sql(`CREATE ROLE ${role} LOGIN`);
  const url = new URL(database.url);
  url.username = role;
  try {
    await using session = await postgresql.connect(url.href);
    await expect(session.count('t')).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  } finally {
    await database.sql(`DROP ROLE ${role}`);
  }
});

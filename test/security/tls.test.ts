import type { ConnectOptions, JsonObject } from '@polyshift/core';
import { freshDatabase, startServer, type TestServer } from '@polyshift/testkit';
import { sharedServer } from '@polyshift/testkit/vitest';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MatrixStore, matrixStores } from '../matrix/stores.ts';
import { type Authority, makeAuthority } from './certificates.ts';
import { startTlsProxy, type TlsProxy } from './tls-proxy.ts';

let authority: Authority;
beforeAll(async () => {
  authority = await makeAuthority();
});
afterAll(() => authority[Symbol.asyncDispose]());

const adapterOf = (server: MatrixStore['server']) => matrixStores.find((store) => store.server === server)!.adapter;

/** Connects, and says what the server is. */
async function connect(server: MatrixStore['server'], url: string, driver?: JsonObject): Promise<string> {
  const options: ConnectOptions = { connect_timeout_ms: 3000, ...(driver ? { driver } : {}) };
  const session = await adapterOf(server).connect(url, options);
  try {
    await session.introspect();
    return session.server.product;
  } finally {
    await session.close();
  }
}

const untrusted = (server: MatrixStore['server']) => ({
  code: 'CONNECTION_FAILED',
  message: expect.stringContaining('signed by nobody whom this machine trusts'),
  hint: expect.stringContaining(adapterOf(server).ca_option!),
});
const otherHost = { code: 'CONNECTION_FAILED', message: expect.stringContaining('for another host') };

/** Stores whose connections are TLS from the first byte: the form of the URL with TLS, and the options of TLS for the driver. */
const direct = [
  ['mongodb', (url: URL) => void url.searchParams.set('tls', 'true'), (tls) => ({ ...tls })],
  ['dynamodb', (url: URL) => void url.searchParams.set('tls', 'true'), (tls) => ({ requestHandler: { httpsAgent: tls } })],
  ['cassandra', (url: URL) => void url.searchParams.set('tls', 'true'), (tls) => ({ sslOptions: tls })],
  ['redis', undefined, (tls) => ({ tls })],
  ['elasticsearch', undefined, (tls) => ({ tls })],
] as const satisfies [MatrixStore['server'], ((url: URL) => void) | undefined, (tls: JsonObject) => JsonObject][];
const schemes: Partial<Record<MatrixStore['server'], [string, string]>> = {
  redis: ['redis:', 'rediss:'],
  elasticsearch: ['http:', 'https:'],
};

describe.each(direct)('TLS of %s', (server, encrypted, driver) => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let right: TlsProxy;
  let wrong: TlsProxy;
  const urlAt = (proxy: TlsProxy): string => {
    const [plain, secure] = schemes[server] ?? ['', ''];
    const url = new URL(database.url.replace(plain, secure));
    url.host = `127.0.0.1:${proxy.port}`;
    encrypted?.(url);
    return url.href;
  };
  beforeAll(async () => {
    database = await freshDatabase(await sharedServer(server), 'tls');
    const { hostname, port } = new URL(database.url);
    right = await startTlsProxy(authority.right, { host: hostname, port: Number(port) });
    wrong = await startTlsProxy(authority.wrong, { host: hostname, port: Number(port) });
  });
  afterAll(async () => {
    await right[Symbol.asyncDispose]();
    await wrong[Symbol.asyncDispose]();
    await database.drop();
  });

  it('a certificate of an unknown authority is refused, and the error names the option for it', async () => {
    await expect(connect(server, urlAt(right))).rejects.toMatchObject(untrusted(server));
    await expect(connect(server, urlAt(right), driver({}))).rejects.toMatchObject(untrusted(server));
  });

  it('with the authority in the options of the driver it connects', async () => {
    expect(await connect(server, urlAt(right), driver({ ca: authority.ca }))).toBeTruthy();
  });

  it('a certificate for another host is refused', async () => {
    await expect(connect(server, urlAt(wrong), driver({ ca: authority.ca }))).rejects.toMatchObject(otherHost);
  });

  it('whoever says so connects without any check', async () => {
    const unchecked: JsonObject = server === 'mongodb' ? { tlsAllowInvalidCertificates: true } : { rejectUnauthorized: false };
    expect(await connect(server, urlAt(wrong), driver(unchecked))).toBeTruthy();
  });
});

/** Stores whose connections begin without TLS: settings of the server, how it reads its certificate anew, and forms of the URL. */
const upgraded = [
  [
    'postgresql',
    ({ cert, key }) => ({ ssl: 'on', ssl_cert_file: cert, ssl_key_file: key }),
    async (url) => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query('SELECT pg_reload_conf()');
      await client.end();
    },
    ['sslmode=require', 'sslmode=verify-full', 'sslmode=verify-ca'],
    'sslmode=no-verify',
  ],
  [
    'mysql',
    ({ cert, key }) => ({ 'ssl-cert': cert, 'ssl-key': key }),
    (url) => query(url, 'ALTER INSTANCE RELOAD TLS'),
    ['ssl-mode=verify_identity'],
    'ssl-mode=required',
  ],
  [
    'mariadb',
    ({ cert, key }) => ({ 'ssl-cert': cert, 'ssl-key': key }),
    (url) => query(url, 'FLUSH SSL'),
    ['ssl-mode=verify_identity'],
    'ssl-mode=required',
  ],
] as const satisfies [
  MatrixStore['server'],
  (files: Authority['files']) => Record<string, string>,
  (url: string) => Promise<void>,
  string[],
  string,
][];

async function query(url: string, sql: string): Promise<void> {
  const client = await mysql.createConnection(url);
  await client.query(sql);
  await client.end();
}

describe.each(upgraded)('TLS of %s', (store, settings, reload, checked, unchecked) => {
  let server: TestServer;
  const urlWith = (parameter: string): string => `${server.url.replace('127.0.0.1', 'localhost')}?${parameter}`;
  beforeAll(async () => {
    await authority.show(authority.wrong);
    server = await startServer(store, { kinds: ['native'], settings: settings(authority.files) });
  });
  afterAll(() => server?.stop());

  it('a certificate of an unknown authority or for another host is refused, unless somebody wants no check', async () => {
    for (const parameter of checked) {
      await expect(connect(store, urlWith(parameter)), parameter).rejects.toMatchObject(untrusted(store));
      const trusting = connect(store, urlWith(parameter), { ssl: { ca: authority.ca } });
      await expect(trusting, parameter).rejects.toMatchObject(otherHost);
    }
    await expect(connect(store, urlWith(''), { ssl: {} })).rejects.toMatchObject(untrusted(store));
    await expect(connect(store, urlWith(''), { ssl: { ca: authority.ca } })).rejects.toMatchObject(otherHost);
    expect(await connect(store, urlWith(unchecked))).toBeTruthy();
    expect(await connect(store, urlWith(''), { ssl: { rejectUnauthorized: false } })).toBeTruthy();
  });

  it('with the authority in the options of the driver it connects', async () => {
    await authority.show(authority.right);
    await reload(server.url);
    for (const parameter of [...checked, '']) {
      const driver = { ssl: { ca: authority.ca } };
      // The server reads its certificate some time after it was told to.
      await expect
        .poll(() => connect(store, urlWith(parameter), driver).catch((error: Error) => error.message), { timeout: 20_000 })
        .toMatch(/^(PostgreSQL|MySQL|MariaDB)$/);
    }
  });
});

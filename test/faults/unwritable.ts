import { setTimeout as sleep } from 'node:timers/promises';
import { startServer, type TestServer } from '@polyshift/testkit';
import { Client as CassandraClient } from 'cassandra-driver';
import { Redis } from 'ioredis';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import type { FaultStage } from './stage.ts';
import type { FaultStore } from './stores.ts';

/** How a server comes to take no writes for a while. */
export interface Unwritable {
  /** In a few words, for the name of a test. */
  readonly how: string;
  /** What a run ends with: PERMISSION_DENIED is not tried again, and a migration is taken back then, as far as that is permitted. */
  readonly code: 'STORE_FULL' | 'STORE_BUSY' | 'PERMISSION_DENIED';
  /** A server of the test's own, where writes can only be forbidden to all who use it. */
  readonly server?: () => Promise<TestServer>;
  /** Forbids writes to a collection, or to all. */
  forbid(stage: FaultStage, collection: string): Promise<unknown>;
  /** Allows them again. */
  allow(stage: FaultStage, collection: string): Promise<unknown>;
}

/** The ways of a store, or why none is tried. */
export const unwritable: Readonly<Record<FaultStore['server'], readonly Unwritable[] | string>> = {
  postgresql: [
    {
      how: 'default_transaction_read_only',
      code: 'STORE_FULL',
      forbid: (stage) => readOnlyDatabase(stage, 'on'),
      allow: (stage) => readOnlyDatabase(stage, 'off'),
    },
  ],
  mysql: [mysqlReadOnly('mysql', 'super_read_only')],
  mariadb: [mysqlReadOnly('mariadb', 'tx_read_only')],
  mongodb:
    'the stand-in keeps its data in memory, and has no users and no secondaries; the codes of a full disk and of a node that is no primary any more are in the table of errors of the adapter; fsyncLock lets writes wait, which waiting-writes.test.ts tries',
  dynamodb:
    'a table is never full or read-only, and DynamoDB Local knows no permissions; throttling and refusals are tried by the tests of the adapter through a proxy of HTTP',
  cassandra: [
    {
      how: 'REVOKE MODIFY',
      code: 'PERMISSION_DENIED',
      server: cassandraWithRoles,
      forbid: (stage, table) => grant(stage, table, 'REVOKE', 'FROM'),
      allow: (stage, table) => grant(stage, table, 'GRANT', 'TO'),
    },
  ],
  redis: [
    {
      how: 'maxmemory',
      code: 'STORE_FULL',
      server: () => startServer('redis', { kinds: ['native'], settings: { 'maxmemory-policy': 'noeviction' } }),
      forbid: (stage) => maxMemory(stage, '1'),
      allow: (stage) => maxMemory(stage, '0'),
    },
  ],
  elasticsearch: [indexBlock('write', 'STORE_BUSY'), indexBlock('read_only_allow_delete', 'STORE_FULL')],
};

/** For new connections: those that there are, which run in transactions of the kind that they began with, are ended. */
async function readOnlyDatabase({ targetUrl }: FaultStage, state: 'on' | 'off'): Promise<void> {
  const name = new URL(targetUrl).pathname.slice(1);
  const admin = new Client({ connectionString: targetUrl });
  await admin.connect();
  try {
    await admin.query('SET default_transaction_read_only = off');
    await admin.query(`ALTER DATABASE "${name}" SET default_transaction_read_only = ${state}`);
    await admin.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
  } finally {
    await admin.end();
  }
}

/** Of the whole server. On MariaDB, whose own switch spares root, it is of new connections: those that there are are cut. */
function mysqlReadOnly(store: 'mysql' | 'mariadb', variable: string): Unwritable {
  const set = async (stage: FaultStage, state: 0 | 1) => {
    const admin = await createConnection(stage.targetUrl);
    await admin.query(`SET GLOBAL ${variable} = ${state}`);
    await admin.end();
    stage.proxy.cut();
  };
  return {
    how: variable,
    code: 'STORE_FULL',
    server: () => startServer(store, { kinds: ['native'] }),
    forbid: (stage) => set(stage, 1),
    allow: (stage) => set(stage, 0),
  };
}

const cassandraRole = 'migrator';

/** A node with passwords and permissions that count at once, and the URL of a role that may do everything but is no superuser. */
async function cassandraWithRoles(): Promise<TestServer> {
  const authenticator = 'PasswordAuthenticator';
  const settings = { authenticator, authorizer: 'CassandraAuthorizer', permissions_validity: '0ms', roles_validity: '0ms' };
  const server = await startServer('cassandra', { kinds: ['native'], settings });
  await asSuperuser(server.url, [
    `CREATE ROLE ${cassandraRole} WITH PASSWORD = '${cassandraRole}' AND LOGIN = true`,
    `GRANT ALL PERMISSIONS ON ALL KEYSPACES TO ${cassandraRole}`,
  ]);
  return { ...server, url: server.url.replace('//', `//${cassandraRole}:${cassandraRole}@`) };
}

/** Permissions are inherited, and who makes a keyspace or a table has all there are on it. */
async function grant(
  { targetUrl }: FaultStage,
  table: string,
  verb: 'GRANT' | 'REVOKE',
  preposition: 'TO' | 'FROM',
): Promise<void> {
  const keyspace = new URL(targetUrl).pathname.slice(1);
  const resources = ['ALL KEYSPACES', `KEYSPACE "${keyspace}"`, `TABLE "${keyspace}"."${table}"`];
  await asSuperuser(
    targetUrl,
    resources.map((resource) => `${verb} MODIFY ON ${resource} ${preposition} ${cassandraRole}`),
  );
}

/** Runs statements as the superuser that a node makes for itself, a moment after it is there. */
async function asSuperuser(url: string, statements: readonly string[]): Promise<void> {
  const { host, searchParams } = new URL(url);
  const deadline = performance.now() + 60_000;
  for (;;) {
    const client = new CassandraClient({
      contactPoints: [host],
      localDataCenter: searchParams.get('local_datacenter') ?? '',
      credentials: { username: 'cassandra', password: 'cassandra' },
    });
    try {
      await client.connect();
      for (const statement of statements) await client.execute(statement);
      return;
    } catch (error) {
      if (performance.now() > deadline || !/credentials|Authentication/.test(String(error))) throw error;
      await sleep(250);
    } finally {
      await client.shutdown();
    }
  }
}

async function maxMemory({ targetUrl }: FaultStage, bytes: string): Promise<void> {
  const admin = new Redis(targetUrl);
  await admin.config('SET', 'maxmemory', bytes);
  await admin.quit();
}

function indexBlock(block: string, code: Unwritable['code']): Unwritable {
  const set = async ({ targetUrl }: FaultStage, collection: string, value: true | null) => {
    const { origin, searchParams } = new URL(targetUrl);
    const response = await fetch(`${origin}/${searchParams.get('index_prefix')}${collection}/_settings`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ [`index.blocks.${block}`]: value }),
    });
    if (!response.ok) throw new Error(await response.text());
  };
  return {
    how: `index.blocks.${block}`,
    code,
    forbid: (stage, collection) => set(stage, collection, true),
    allow: (stage, collection) => set(stage, collection, null),
  };
}

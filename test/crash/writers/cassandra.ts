import { Client, errors, policies, types } from 'cassandra-driver';
import {
  answerTimeoutMs,
  connectTimeoutMs,
  expectOneRow,
  type LiveWriter,
  neverSent,
  notesByKey,
  type OpenWriter,
  WriteRefused,
  written,
} from './writer.ts';

/**
 * Writes to a table of Cassandra by conditional writes, as an application must whose rows others write on conditions too: a plain write has
 * the time of its client, and loses against a conditional one that has a later time.
 */
export const openCassandraWriter: OpenWriter = async (url, table, field = 'note') => {
  const [, hosts, keyspace, query] = /^cassandra:\/\/([^/?]+)\/([^?]+)(?:\?(.*))?$/.exec(url) ?? [];
  const client = new Client({
    contactPoints: hosts!.split(','),
    localDataCenter: new URLSearchParams(query).get('local_datacenter') ?? 'datacenter1',
    keyspace: keyspace!,
    socketOptions: { connectTimeout: connectTimeoutMs, readTimeout: answerTimeoutMs },
    policies: {
      // A write that the driver sends twice could hide that the first one was lost.
      retry: new policies.retry.FallthroughRetryPolicy(),
      reconnection: new policies.reconnection.ConstantReconnectionPolicy(250),
    },
    queryOptions: { prepare: true, consistency: types.consistencies.quorum, serialConsistency: types.consistencies.serial },
  });
  await client.connect();
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const [name, noted] = [quoted(table), quoted(field)];
  const write = async (statement: string, values: readonly unknown[]): Promise<boolean> => {
    const result = await written(client.execute(statement, [...values]), refused);
    return result.wasApplied();
  };
  return {
    async insert(key, note) {
      const applied = await write(`INSERT INTO ${name} (id, ${noted}) VALUES (?, ?) IF NOT EXISTS`, [key, note]);
      if (!applied) throw new WriteRefused(new Error(`a row ${key} is there`));
    },
    async update(key, note) {
      const applied = await write(`UPDATE ${name} SET ${noted} = ? WHERE id = ? IF EXISTS`, [note, key]);
      expectOneRow(applied ? 1 : 0, `update ${key}`);
    },
    async remove(key) {
      const applied = await write(`DELETE FROM ${name} WHERE id = ? IF EXISTS`, [key]);
      expectOneRow(applied ? 1 : 0, `remove ${key}`);
    },
    async readAll() {
      const { rows } = await client.execute(`SELECT id, ${noted} FROM ${name}`, [], { fetchSize: 100_000 });
      return notesByKey(rows.map((row) => [Number(row['id']), row[field] as string | null]));
    },
    [Symbol.asyncDispose]: () => client.shutdown(),
  } satisfies LiveWriter;
};

/** What the server may have begun when it answers that it could not end it in time. */
const begun = new Set([
  types.responseErrorCodes.writeTimeout,
  types.responseErrorCodes.writeFailure,
  types.responseErrorCodes.serverError,
  0x1700,
]);

/** Without a host nothing was sent; an answer of an error that ends a write before it begins is one of no change. */
function refused(error: unknown): boolean {
  if (error instanceof errors.ResponseError) return !begun.has(error.code);
  if (!(error instanceof errors.NoHostAvailableError)) return neverSent(error);
  return Object.values(error.innerErrors ?? {}).every((inner) => inner === null || typeof inner === 'string' || neverSent(inner));
}

import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPolyshiftError, type PolyshiftError } from '@polyshift/core';
import mongodb from '@polyshift/mongodb';
import postgresql from '@polyshift/postgresql';
import { type FreshDatabase, freshDatabase } from '@polyshift/testkit';
import type {} from '@polyshift/testkit/vitest-global-setup';
import { type Db, MongoClient } from 'mongodb';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, inject } from 'vitest';
import {
  type DeadLetter,
  type EtlDependencies,
  type FaultPlace,
  type LoadedSpec,
  parseSpec,
  type SpecInput,
} from '../src/index.ts';

/** A document of any fields with a key of any type. */
export interface AnyDocument {
  _id: unknown;
  [field: string]: unknown;
}

/** A PostgreSQL database and a MongoDB one, both empty before each test, with clients of their own. */
export interface TwoStores {
  readonly folder: string;
  readonly sql: Client;
  readonly documents: Db;
  /** References for specs. */
  readonly postgresql: { readonly type: 'postgresql'; readonly url: string };
  readonly mongodb: { readonly type: 'mongodb'; readonly url: string };
  /** A spec over them; steps as users write them. */
  spec(parts: Omit<Partial<SpecInput>, 'steps'> & { readonly steps: readonly object[] }): LoadedSpec;
  /** The lines of the dead-letter file of a spec. */
  letters(name?: string): Promise<DeadLetter[]>;
}

/** Makes two empty databases for each test of a file. */
export function twoStores(): TwoStores {
  let folder = '';
  let relational: FreshDatabase;
  let documental: FreshDatabase;
  let sql: Client;
  let mongo: MongoClient;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'polyshift-etl-two-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  beforeEach(async () => {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    relational = await freshDatabase({ store: 'postgresql', url: inject('postgresqlUrl') }, 'two');
    documental = await freshDatabase({ store: 'mongodb', url: inject('mongodbUrl') }, 'two');
    sql = new Client({ connectionString: relational.url });
    await sql.connect();
    mongo = await new MongoClient(documental.url).connect();
  });
  afterEach(async () => {
    await sql?.end();
    await mongo?.close();
    await relational?.drop();
    await documental?.drop();
  });
  const file = (name: string) => join(folder, `${name}.rejected.ndjson`);
  return {
    get folder() {
      return folder;
    },
    get sql() {
      return sql;
    },
    get documents() {
      return mongo.db(documental.name);
    },
    get postgresql() {
      return { type: 'postgresql' as const, url: relational.url };
    },
    get mongodb() {
      return { type: 'mongodb' as const, url: documental.url };
    },
    spec(parts) {
      const { postgresql: source, mongodb: target } = this;
      return parseSpec({ name: 'two', source, target, ...parts } as SpecInput, { cwd: folder });
    },
    letters: async (name = 'two') =>
      (await readFile(file(name), 'utf8').catch(() => ''))
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as DeadLetter),
  };
}

/** The dependencies of a run that tries nothing twice. */
export function dependencies(more: Partial<EtlDependencies> = {}): EtlDependencies {
  return {
    resolveAdapter: (type) => (type === 'postgresql' ? postgresql : mongodb),
    retries: 0,
    lease_ttl_ms: 1000,
    wait_ms: 3000,
    ...more,
  };
}

/** Dependencies that break a run off at the n-th time that a place is passed. */
export function brokenAt(place: FaultPlace, times: number): EtlDependencies {
  let left = times;
  return dependencies({
    fault: (passed) => {
      if (passed === place && --left === 0) throw new Error(`broken off at ${place}`);
    },
  });
}

/** The error that a call throws. */
export async function failureOf(call: Promise<unknown>): Promise<PolyshiftError> {
  const error = await call.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!isPolyshiftError(error)) throw error ?? new Error('nothing was thrown');
  return error;
}

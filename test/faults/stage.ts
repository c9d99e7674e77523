import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPolyshiftError, type PolyshiftError, type StoreSession } from '@polyshift/core';
import { type EtlDependencies, type LoadedSpec, parseSpec, type SpecInput } from '@polyshift/etl';
import { type FreshDatabase, freshDatabase, type ServerStore } from '@polyshift/testkit';
import { addressOf, type CutMoment, TcpProxy } from '@polyshift/testkit/faults';
import { sharedServer } from '@polyshift/testkit/vitest';
import { Client } from 'pg';
import { type ReadRow, readRows } from '../matrix/read-rows.ts';
import { keyOf, matrixStores } from '../matrix/stores.ts';
import { type FaultStore, throughProxy } from './stores.ts';

/** Milliseconds that a lock outlives a run whose connection is lost. */
export const leaseMs = 1500;

/** Milliseconds that the server is away after a cut: less than the retries of a run wait in all. */
const awayMs = 60;

/** A PostgreSQL database to read from, and one of a store behind a proxy to write to. */
export class FaultStage implements AsyncDisposable {
  readonly store: FaultStore;
  readonly key: string;
  /** The source. */
  readonly sql: Client;
  readonly proxy: TcpProxy;
  /** The target without the proxy. */
  readonly session: StoreSession;
  readonly targetUrl: string;
  private readonly source: FreshDatabase;
  private readonly target: FreshDatabase;
  private readonly folder: string;

  private constructor(parts: {
    store: FaultStore;
    sql: Client;
    proxy: TcpProxy;
    session: StoreSession;
    source: FreshDatabase;
    target: FreshDatabase;
    folder: string;
  }) {
    this.store = parts.store;
    this.key = keyOf(parts.store.adapter);
    this.sql = parts.sql;
    this.proxy = parts.proxy;
    this.session = parts.session;
    this.source = parts.source;
    this.target = parts.target;
    this.targetUrl = parts.target.url;
    this.folder = parts.folder;
  }

  /** Makes both databases, on the servers of the test run where no other one is given. */
  static async open(store: FaultStore, server?: { readonly store: ServerStore; readonly url: string }): Promise<FaultStage> {
    const source = await freshDatabase(await sharedServer('postgresql'), 'faults');
    const target = await freshDatabase(server ?? (await sharedServer(store.server)), 'faults');
    const sql = new Client({ connectionString: source.url });
    await sql.connect();
    return new FaultStage({
      store,
      sql,
      proxy: await TcpProxy.open(addressOf(target.url)),
      session: await store.adapter.connect(target.url),
      source,
      target,
      folder: await mkdtemp(join(tmpdir(), 'polyshift-faults-')),
    });
  }

  /** The URL of the target through the proxy. */
  get proxiedUrl(): string {
    return throughProxy(this.store, this.targetUrl, this.proxy.address);
  }

  /** Another connection to the target, through the proxy. */
  connect(): Promise<StoreSession> {
    return this.store.adapter.connect(this.proxiedUrl, { connect_timeout_ms: 2000 });
  }

  /** A spec from the source through the proxy to the target, of one write at a time. */
  spec(name: string, steps: readonly object[], more: Partial<SpecInput> = {}): LoadedSpec {
    return parseSpec(
      {
        name,
        source: { type: 'postgresql', url: this.source.url },
        target: { type: this.store.adapter.store, url: this.proxiedUrl, options: { connect_timeout_ms: 2000 } },
        concurrency: 1,
        steps,
        ...more,
      } as SpecInput,
      { cwd: this.folder },
    );
  }

  /** The rows of a collection of the target, by the texts of their keys. */
  rows(collection: string, key = this.key): Promise<Map<string, ReadRow>> {
    return readRows(this.session, collection, key);
  }

  /** Cuts all connections of the target at the nth write from now on; soon after new ones are taken again. */
  cutAt(nth: number, moment: CutMoment): void {
    void this.proxy.cutAt(nth, moment).then(() => setTimeout(() => this.proxy.heal(), awayMs));
  }

  /** Lets the target go away, until the proxy is healed. */
  goAway(): void {
    this.proxy.refuse();
    this.proxy.cut();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sql.end();
    await this.session.close();
    await this.proxy.close();
    await this.target.drop();
    await this.source.drop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** What a run works with: short pauses, and locks that do not outlive their runs for long. */
export function dependencies(more: Partial<EtlDependencies> = {}): EtlDependencies {
  return {
    resolveAdapter: (type) => matrixStores.find(({ adapter }) => adapter.store === type)!.adapter,
    retry_pause_ms: 40,
    lease_ttl_ms: leaseMs,
    wait_ms: 4 * leaseMs,
    ...more,
  };
}

/** Calls back at the nth time that a place is passed, for each n. */
export function atPasses(place: string, calls: Readonly<Record<number, () => void | Promise<void>>>) {
  let passes = 0;
  return (passed: string): void | Promise<void> => {
    if (passed === place) return calls[++passes]?.();
  };
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

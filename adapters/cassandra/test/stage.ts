import {
  type AnyOperationInput,
  type Check,
  checkOperation,
  type JsonObject,
  type JsonValue,
  type Operation,
  type OperationHandler,
  type RunContext,
  type StoreSession,
} from '@polyshift/core';
import { freshDatabase } from '@polyshift/testkit';
import { sharedServer } from '@polyshift/testkit/vitest';
import { connectStore } from '../src/adapter.ts';
import { openSession } from '../src/session.ts';
import type { Store } from '../src/store.ts';

const server = await sharedServer('cassandra');

/** A session over a keyspace of its own, with the connection below it. */
export interface Stage extends AsyncDisposable {
  readonly url: string;
  readonly store: Store;
  readonly session: StoreSession;
  /** Runs statements of CQL as the application would; the last one's rows. */
  cql(...statements: string[]): Promise<Record<string, unknown>[]>;
}

/** An empty keyspace, connected. */
export async function openStage(): Promise<Stage> {
  const database = await freshDatabase(server, 'adapter');
  const store = await connectStore(database.url);
  const session = openSession(store);
  return {
    url: database.url,
    store,
    session,
    async cql(...statements) {
      let rows: Record<string, unknown>[] = [];
      for (const statement of statements) rows = ((await store.client.execute(statement)).rows ?? []) as unknown as typeof rows;
      return rows.map((row) => ({ ...row }));
    },
    async [Symbol.asyncDispose]() {
      await session.close();
      await database.drop();
    },
  };
}

let steps = 0;

/** One operation, driven as the runner drives it. */
export class Step {
  readonly operation: Operation;
  readonly notes: string[] = [];
  undo: JsonObject = {};
  /** Called at each named place; throws to stop there. */
  fault: (place: string) => void | Promise<void> = () => undefined;
  private readonly handler: OperationHandler;
  readonly aside = `test_${++steps}`;
  private checkpoint: JsonValue | undefined;

  constructor(session: StoreSession, input: AnyOperationInput) {
    this.operation = checkOperation(input);
    this.handler = session.operations[this.operation.type] as unknown as OperationHandler;
  }

  /** The messages of failed checks. */
  async failures(): Promise<string[]> {
    return (await this.handler.check(this.operation)).filter(({ status }) => status === 'FAILED').map(({ message }) => message);
  }

  async up(): Promise<void> {
    this.undo = await this.handler.prepare(this.operation, this.context());
    await this.execute();
  }

  async execute(): Promise<void> {
    for await (const { note } of this.handler.execute(this.operation, this.undo, this.context())) if (note) this.notes.push(note);
  }

  verify(): Promise<Check[]> {
    return this.handler.verify(this.operation, this.undo, this.context());
  }

  async down(): Promise<void> {
    this.checkpoint = undefined;
    for await (const { note } of this.handler.rollback(this.operation, this.undo, this.context()))
      if (note) this.notes.push(note);
  }

  discard(): Promise<void> {
    return this.handler.discard(this.operation, this.undo, this.context());
  }

  private context(): RunContext {
    return {
      run_id: 'run',
      version: '1',
      step: 0,
      aside: this.aside,
      fence: { lock: 'l', token: 1 },
      signal: new AbortController().signal,
      checkpoint: this.checkpoint,
      save: async (checkpoint) => {
        this.checkpoint = checkpoint;
      },
      guard: async () => undefined,
      fault: async (place) => this.fault(place),
    };
  }
}

import type {
  AnyOperationInput,
  Check,
  JsonValue,
  Operation,
  OperationHandler,
  OperationType,
  Progress,
  RunContext,
  StoreSession,
} from '@polyshift/core';
import { checkOperation } from '@polyshift/core';
import { freshDatabase } from '@polyshift/testkit';
import type {} from '@polyshift/testkit/vitest-global-setup';
import type { Collection, Document } from 'mongodb';
import { inject } from 'vitest';
import { connectStore } from '../src/adapter.ts';
import type { Features } from '../src/features.ts';
import { openSession } from '../src/session.ts';
import type { Store } from '../src/store.ts';

/** A session over a database of its own, with the connection below it. */
export interface Stage extends AsyncDisposable {
  readonly url: string;
  readonly store: Store;
  readonly session: StoreSession;
  collection(name: string): Collection<Document>;
}

/** The two ways that changes are made: with transactions and update pipelines where the server has them, and without. */
export const ways: readonly (readonly [name: string, without: readonly (keyof Features)[]])[] = [
  ['with what the server can do', []],
  ['without transactions', ['transactions', 'pipeline_updates', 'snapshot_reads']],
];

/** An empty database, connected. */
export async function openStage(without: readonly (keyof Features)[] = []): Promise<Stage> {
  const database = await freshDatabase({ store: 'mongodb', url: inject('mongodbUrl') }, 'adapter');
  const store = await connectStore(database.url, {}, without);
  const session = openSession(store);
  return {
    url: database.url,
    store,
    session,
    collection: (name) => store.db.collection<Document>(name),
    async [Symbol.asyncDispose]() {
      await session.close();
      await database.drop();
    },
  };
}

/** One operation, driven as the runner drives it. */
export class Step<Type extends OperationType> {
  readonly operation: Operation<Type>;
  readonly handler: OperationHandler;
  readonly notes: string[] = [];
  checkpoint: JsonValue | undefined;
  /** Called at each named place; throws to stop there. */
  fault: (place: string) => void | Promise<void> = () => undefined;
  private undo: Record<string, JsonValue> | undefined;

  constructor(session: StoreSession, input: AnyOperationInput & { type: Type }) {
    this.operation = checkOperation(input) as unknown as Operation<Type>;
    const handler = session.operations[input.type] as OperationHandler | undefined;
    if (!handler) throw new Error(`there is no handler for ${input.type}`);
    this.handler = handler;
  }

  get context(): RunContext {
    return {
      run_id: 'test',
      version: '1',
      step: 0,
      aside: '1_0',
      fence: { lock: 'migrations', token: 1 },
      signal: new AbortController().signal,
      checkpoint: this.checkpoint,
      save: async (checkpoint) => {
        this.checkpoint = JSON.parse(JSON.stringify(checkpoint)) as JsonValue;
      },
      guard: async () => undefined,
      fault: async (place) => this.fault(place),
    };
  }

  async check(): Promise<Check[]> {
    return this.handler.check(this.operation as never);
  }

  async execute(): Promise<number> {
    this.undo ??= await this.handler.prepare(this.operation as never, this.context);
    return this.drive(this.handler.execute(this.operation as never, this.undo, this.context));
  }

  async verify(): Promise<Check[]> {
    return this.handler.verify(this.operation as never, this.undo ?? {}, this.context);
  }

  async rollback(): Promise<number> {
    this.checkpoint = undefined;
    return this.drive(this.handler.rollback(this.operation as never, this.undo ?? {}, this.context));
  }

  async discard(): Promise<void> {
    await this.handler.discard(this.operation as never, this.undo ?? {}, this.context);
  }

  private async drive(steps: AsyncIterable<Progress>): Promise<number> {
    let done = 0;
    for await (const progress of steps) {
      done = progress.rows_done;
      if (progress.note) this.notes.push(progress.note);
    }
    return done;
  }
}

/** The statuses of checks, in order. */
export function statuses(checks: readonly Check[]): string[] {
  return checks.map((check) => check.status);
}

/** The checks that failed, as `name: message`. */
export function failures(checks: readonly Check[]): string[] {
  return checks.filter((check) => check.status === 'FAILED').map((check) => `${check.check}: ${check.message}`);
}

import {
  addField,
  changeType,
  migrateData,
  type OnlineStore,
  onlineChange,
  type RowOperations,
  removeField,
  renameField,
} from '@polyshift/adapter-kit';
import {
  checkOperation,
  type JsonObject,
  type JsonValue,
  type Operation,
  type OperationHandler,
  pass,
  type RunContext,
} from '@polyshift/core';
import { Killed, type Raw, RowsInMemory } from './rows-in-memory.ts';
import { runInMemory } from './run-in-memory.ts';

/** The names of the two versions. */
export const [old, fresh] = ['users', 'users_v2'];

/** An online change over a store in memory, driven as the runner drives it. */
export class OnlineStage {
  readonly store = new RowsInMemory();
  readonly operation: Operation<'online_change'>;
  readonly handler: OperationHandler<'online_change', JsonObject>;
  private undo: JsonObject = {};

  constructor(operations: readonly JsonObject[], back?: JsonObject) {
    this.operation = checkOperation({
      type: 'online_change',
      collection: old,
      data: { operations, ...(back ? { back } : {}) },
      batch_size: 3,
    }) as Operation<'online_change'>;
    this.handler = onlineChange(onlineStoreOf(this.store));
    this.store.rows(old);
  }

  /** From the first check to the last proof; throws where a check fails. */
  async up(): Promise<void> {
    this.undo = await this.handler.prepare(this.operation, this.run());
    await this.all(this.handler.execute(this.operation, this.undo, this.run()));
  }

  async execute(): Promise<void> {
    await this.all(this.handler.execute(this.operation, this.undo, this.run()));
  }

  async catchUp(): Promise<void> {
    await this.all(this.handler.versions!.catchUp!(this.operation, this.undo, this.run()));
  }

  async contract(): Promise<void> {
    await this.all(this.handler.versions!.contract(this.operation, this.undo, this.run()));
    await this.handler.discard(this.operation, this.undo, this.run());
  }

  async rollback(): Promise<void> {
    await this.all(this.handler.rollback(this.operation, this.undo, this.run()));
    await this.handler.discard(this.operation, this.undo, this.run());
  }

  /** The failed checks of both proofs. */
  async failed(): Promise<string[]> {
    const checks = [
      ...(await this.handler.verify(this.operation, this.undo, this.run())),
      ...(await this.handler.versions!.checkMove(this.operation, this.undo, this.run())),
    ];
    return [...new Set(checks.filter(({ status }) => status === 'FAILED').map(({ check }) => check))].sort();
  }

  async refused(): Promise<number> {
    return (await this.handler.versions!.state(this.operation, this.undo, { version: '2', step: 0, aside: '2_0' })).refused;
  }

  /** Runs something and kills it at the nth step of the store, from 1; false where it came to its end before. */
  async killedAt(nth: number, work: () => Promise<void>): Promise<boolean> {
    let steps = 0;
    this.store.beforeStep = () => {
      if (++steps >= nth) throw new Killed();
    };
    try {
      await work();
      return false;
    } catch (error) {
      if (error instanceof Killed) return true;
      throw error;
    } finally {
      this.store.beforeStep = () => undefined;
    }
  }

  /** The row of a version as plain values; undefined where there is none. */
  row(version: string, key: string): Record<string, JsonValue> | undefined {
    const found = this.store.collections.get(version)?.get(key);
    return found && Object.fromEntries([...found.row].map(([field, raw]) => [field, JSON.parse(raw) as JsonValue]));
  }

  private async all(progress: AsyncIterable<unknown>): Promise<void> {
    for await (const _each of progress);
  }

  private run(): RunContext {
    return runInMemory({ version: '2', aside: '2_0' });
  }
}

function onlineStoreOf(store: RowsInMemory): OnlineStore<Raw> {
  const operations: RowOperations<Raw> = {
    store,
    noun: 'row',
    keyOf: async (collection) => (store.collections.has(collection) ? ['id'] : undefined),
    statement: () => 'write',
    build: () => {
      throw new Error('an online change builds no rows');
    },
  };
  const handlers: Partial<Record<string, unknown>> = {
    add_field: addField(operations),
    rename_field: renameField(operations),
    remove_field: removeField(operations),
    change_type: changeType(operations),
    migrate_data: migrateData(operations),
  };
  return {
    operations,
    handler: (type) => handlers[type] as OperationHandler | undefined,
    exists: async (collection) => store.collections.has(collection),
    async cloneStructure(_from, to) {
      store.beforeStep('clone');
      store.rows(to);
    },
    async drop(collection) {
      store.beforeStep('drop');
      store.collections.delete(collection);
    },
    identity: async (collection) => (store.collections.has(collection) ? '' : undefined),
    nameFree: async () => pass('name_free', 'it is free'),
  };
}

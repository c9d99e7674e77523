import { checkThat, type JsonObject, type Progress, type RunContext } from '@polyshift/core';
import { asideName, isThere, type RowHandler, type RowOperations } from '../operations/row-operations.ts';
import { copyRows } from './copy-rows.ts';

/** How a collection is made and dropped on a store that cannot rename one. */
export interface CollectionMover {
  /** Whether there is such a collection; also one that is kept aside. */
  exists(collection: string): Promise<boolean>;
  /** Makes a collection with the structure of another (key, indexes, options, validation), without rows. Idempotent. */
  cloneStructure(from: string, to: string): Promise<void>;
  /** Drops a collection with its rows, kept aside or not. Idempotent. */
  drop(collection: string): Promise<void>;
  /** The name under which a collection is kept aside for a step: out of sight of introspect, and one that the store allows. */
  keptName(aside: string): string;
}

/**
 * Copies a collection and drops the original, in steps that can each be started again. What was reached is noted aside: `dropping` stands before
 * the original is dropped, `restoring` before it is made again, so that a rollback never writes over an original that was never dropped.
 */
class Move<Raw> {
  private readonly operations: RowOperations<Raw>;
  private readonly mover: CollectionMover;
  private readonly from: string;
  private readonly to: string;
  private readonly run: RunContext;

  constructor(operations: RowOperations<Raw>, mover: CollectionMover, from: string, to: string, run: RunContext) {
    this.operations = operations;
    this.mover = mover;
    this.from = from;
    this.to = to;
    this.run = run;
  }

  async *forth(): AsyncGenerator<Progress> {
    const { mover, from, to, run } = this;
    if (!(await mover.exists(from))) return;
    await this.operations.store.aside.ensure(this.notes);
    await run.guard();
    await mover.cloneStructure(from, to);
    await run.fault('structure');
    yield* this.copy(from, to);
    await this.note('dropping');
    await run.guard();
    await mover.drop(from);
    await run.fault('dropped');
  }

  /** @param keep whether the copy stays until `discard` */
  async *back(keep: boolean): AsyncGenerator<Progress> {
    const { mover, from, to, run } = this;
    if (!(await mover.exists(to))) return;
    if (await this.noted('dropping')) {
      if (!(await mover.exists(from)) || (await this.noted('restoring'))) {
        await this.note('restoring');
        await run.guard();
        await mover.cloneStructure(to, from);
        await run.fault('structure');
        yield* this.copy(to, from);
      }
    }
    await run.guard();
    if (!keep) await mover.drop(to);
    await run.fault('dropped');
  }

  private async *copy(from: string, to: string): AsyncGenerator<Progress> {
    await this.operations.open?.(from);
    await this.operations.open?.(to);
    yield* copyRows(this.operations.store, from, to, this.run);
  }

  private get notes(): string {
    return asideName(this.operations, this.run.aside);
  }

  private async note(key: string): Promise<void> {
    await this.operations.store.aside.put(this.notes, [{ key, value: true }], 'keep');
  }

  private async noted(key: string): Promise<boolean> {
    return (await this.operations.store.aside.get(this.notes, [key])).size > 0;
  }
}

/** drop_collection on a store that cannot rename: copied aside, compared, then dropped. */
export function dropByCopy<Raw>(operations: RowOperations<Raw>, mover: CollectionMover): RowHandler<'drop_collection'> {
  const move = (collection: string, run: RunContext): Move<Raw> =>
    new Move(operations, mover, collection, mover.keptName(run.aside), run);
  return {
    async plan(operation, context) {
      const rows = context.schema.collections[operation.collection]?.approximate_count;
      return [
        {
          statement: `copy ${operation.collection} aside, compare the copy, drop ${operation.collection}`,
          phase: 'contract',
          lock: { mode: 'none; writes in the moment of the drop are lost', held: 'none' },
          ...(rows === undefined ? {} : { rows }),
          risk: 'data_removed',
          undo: 'makes it again and copies the rows back; they are kept until the migration is finalized',
        },
      ];
    },
    check: async (operation) => [await isThere(operations, operation.collection)],
    prepare: async (_operation, run): Promise<JsonObject> => ({ kept: mover.keptName(run.aside) }),
    execute: (operation, _undo, run) => move(operation.collection, run).forth(),
    async verify(operation) {
      return [
        checkThat(!(await mover.exists(operation.collection)), 'collection_gone', {
          pass: `${operation.collection} is gone`,
          fail: `${operation.collection} is there`,
          action: 'The application makes it again.',
        }),
      ];
    },
    rollback: (operation, _undo, run) => move(operation.collection, run).back(true),
    async discard(_operation, _undo, run) {
      await mover.drop(mover.keptName(run.aside));
      await operations.store.aside.drop(asideName(operations, run.aside));
    },
  };
}

/** rename_collection on a store that cannot rename: copied under the new name, compared, then the old one is dropped. */
export function renameByCopy<Raw>(operations: RowOperations<Raw>, mover: CollectionMover): RowHandler<'rename_collection'> {
  const move = (from: string, to: string, run: RunContext): Move<Raw> => new Move(operations, mover, from, to, run);
  return {
    async plan(operation, context) {
      const rows = context.schema.collections[operation.collection]?.approximate_count;
      const { new_name } = operation.data;
      return [
        {
          statement: `copy ${operation.collection} to ${new_name}, compare the copy, drop ${operation.collection}`,
          phase: 'contract',
          lock: { mode: 'none; writes in the moment of the drop are lost', held: 'none' },
          ...(rows === undefined ? {} : { rows }),
          risk: 'data_changed',
          undo: `copies ${new_name} back to ${operation.collection}, what was written into it included`,
        },
      ];
    },
    async check(operation) {
      const there = await isThere(operations, operation.collection);
      if (there.status === 'FAILED') return [there];
      const { new_name } = operation.data;
      return [
        there,
        checkThat(!(await mover.exists(new_name)), 'name_free', {
          pass: `${new_name} is free`,
          fail: `there is a collection ${new_name} already`,
          action: 'Choose another name, or drop or rename it first by an operation of its own.',
        }),
      ];
    },
    prepare: async (): Promise<JsonObject> => ({}),
    execute: (operation, _undo, run) => move(operation.collection, operation.data.new_name, run).forth(),
    async verify(operation) {
      const [old, renamed] = await Promise.all([mover.exists(operation.collection), mover.exists(operation.data.new_name)]);
      return [
        checkThat(!old && renamed, 'renamed', {
          pass: `${operation.data.new_name} is there and ${operation.collection} is gone`,
          fail: renamed ? `${operation.collection} is there still` : `${operation.data.new_name} is not there`,
          action: 'The application makes the old collection again: deploy the new version first.',
        }),
      ];
    },
    rollback: (operation, _undo, run) => move(operation.collection, operation.data.new_name, run).back(false),
    discard: (_operation, _undo, run) => operations.store.aside.drop(asideName(operations, run.aside)),
  };
}

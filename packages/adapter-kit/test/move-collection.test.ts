import { type CollectionMover, dropByCopy, type RowOperations, renameByCopy } from '@polyshift/adapter-kit';
import { checkOperation, type JsonValue, type OperationHandler, type RunContext } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { Killed, type Raw, RowsInMemory } from './rows-in-memory.ts';
import { runInMemory } from './run-in-memory.ts';

const kept = 'kept_1_0';

function moverOf(store: RowsInMemory): CollectionMover {
  return {
    exists: async (collection) => store.collections.has(collection),
    cloneStructure: async (_from, to) => {
      store.beforeStep('clone');
      store.rows(to);
    },
    drop: async (collection) => {
      store.beforeStep('drop');
      store.collections.delete(collection);
    },
    keptName: () => kept,
  };
}

function operationsOf(store: RowsInMemory): RowOperations<Raw> {
  return {
    store,
    noun: 'row',
    keyOf: async () => ['id'],
    statement: () => '',
    build: () => {
      throw new Error('a move builds no rows');
    },
  };
}

/** One operation over a store, with the checkpoint that the journal would keep. */
class Moving {
  readonly store = new RowsInMemory();
  readonly handler: OperationHandler;
  private readonly operation;
  private checkpoint: JsonValue | undefined;

  constructor(type: 'rename_collection' | 'drop_collection') {
    const [operations, mover] = [operationsOf(this.store), moverOf(this.store)];
    this.handler = (type === 'rename_collection'
      ? renameByCopy(operations, mover)
      : dropByCopy(operations, mover)) as unknown as OperationHandler;
    this.operation = checkOperation({
      type,
      collection: 'old',
      data: type === 'rename_collection' ? { new_name: 'new' } : {},
    } as never);
    for (const id of ['a', 'b', 'c', 'd']) this.store.put('old', id, { id, n: 1 });
  }

  async run(way: 'execute' | 'rollback'): Promise<void> {
    for await (const _progress of this.handler[way](this.operation, {}, this.context()));
  }

  /** Runs it and kills it at the nth step; false where it came to its end before. */
  async killedAt(nth: number, way: 'execute' | 'rollback'): Promise<boolean> {
    let steps = 0;
    this.store.beforeStep = () => {
      if (++steps === nth) throw new Killed();
    };
    try {
      await this.run(way);
      return false;
    } catch (error) {
      if (error instanceof Killed) return true;
      throw error;
    } finally {
      this.store.beforeStep = () => undefined;
    }
  }

  /** The direction changes: what the journal kept of the other one counts no more. */
  turn(): void {
    this.checkpoint = undefined;
  }

  private context(): RunContext {
    return runInMemory({
      checkpoint: this.checkpoint,
      save: async (checkpoint) => {
        this.checkpoint = checkpoint;
      },
    });
  }
}

/** While the process is dead the application writes what is live, and somebody spoils the copy. */
function disturb(store: RowsInMemory, live: string, copy: string): void {
  store.put(live, 'a', { id: 'a', n: 2 });
  store.put(live, 'late', { id: 'late', n: 3 });
  store.rows(live).delete('b');
  if (!store.collections.has(copy)) return;
  store.rows(copy).delete('c');
  if (store.rows(copy).has('d')) store.put(copy, 'd', { id: 'd', n: -1 });
  store.put(copy, 'stray', { id: 'stray', n: 0 });
}

describe.each([
  ['rename_collection', 'new'],
  ['drop_collection', kept],
] as const)('%s by copy, killed at any step', (type, copy) => {
  it('drops the original only once the copy is what it is then, to the bit', async () => {
    for (let nth = 1; ; nth++) {
      const moving = new Moving(type);
      const { store } = moving;
      if (!(await moving.killedAt(nth, 'execute'))) break;
      if (store.collections.has('old')) disturb(store, 'old', copy);
      const wanted = store.content(store.collections.has('old') ? 'old' : copy);
      await moving.run('execute');
      expect(store.content(copy), `killed at step ${nth}`).toEqual(wanted);
      expect(store.collections.has('old')).toBe(false);
    }
  });

  it('goes back with what was written since, and drops nothing that is not whole in the other', async () => {
    for (let nth = 1; ; nth++) {
      const moving = new Moving(type);
      const { store } = moving;
      await moving.run('execute');
      moving.turn();
      if (!(await moving.killedAt(nth, 'rollback'))) break;
      // A dropped collection is written by nobody; a renamed one is live under its new name until it is gone.
      if (type === 'rename_collection' && store.collections.has('new')) disturb(store, 'new', 'old');
      const wanted = store.content(store.collections.has(copy) ? copy : 'old');
      await moving.run('rollback');
      expect(store.content('old'), `killed at step ${nth}`).toEqual(wanted);
    }
  });
});

/** How a new adapter keeps its records and rows, by path: what its author writes against the driver. */
export function rowFiles(): Record<string, string> {
  return {
    'src/records.ts': `import { leftToDo, type RecordCondition, type RecordEntry, type RecordRange, type RecordStore } from '@polyshift/adapter-kit';
import type { JsonValue } from '@polyshift/core';
import type { Connection } from './connection.ts';

const file = 'src/records.ts';

/** Small JSON records by kind and key: the kit makes the journal, the locks and what is kept aside of them. */
export class Records implements RecordStore {
  constructor(readonly connection: Connection) {}

  async ensure(): Promise<void> {
    return leftToDo(3, file, 'ensure: make the place for records, where it is missing');
  }

  /** Records of a kind in the order of their keys; none where there is no place yet. */
  async list(_kind: string, _range: RecordRange): Promise<RecordEntry[]> {
    return leftToDo(3, file, 'list: the records of a kind, in the order of their keys');
  }

  async get(_kind: string, _key: string): Promise<JsonValue | undefined> {
    return leftToDo(3, file, 'get: one record');
  }

  /** At once, by a transaction, a script or a condition on the old value: the lock stands on it. */
  async update(
    _kind: string,
    _key: string,
    _change: (current: JsonValue | undefined) => JsonValue | undefined,
    _condition?: RecordCondition,
  ): Promise<boolean> {
    return leftToDo(3, file, 'update: change one record at once, and only where the condition holds');
  }
}
`,
    'src/rows.ts': `import {
  type JsonSourceStore,
  jsonCodec,
  type KeyedRow,
  leftToDo,
  type RowBatchOf,
  type RowScan,
  type RowStore,
  type RowWrite,
  recordAside,
  type WriteOutcome,
} from '@polyshift/adapter-kit';
import type { JsonValue, StoreSchema } from '@polyshift/core';
import type { Connection } from './connection.ts';
import type { Records } from './records.ts';

const file = 'src/rows.ts';

/** Collections and their rows, each a key and a JSON document. A store with types of its own brings a codec of its own. */
export class Rows implements RowStore<JsonValue>, JsonSourceStore {
  readonly codec = jsonCodec;
  readonly aside;

  constructor(
    readonly connection: Connection,
    readonly records: Records,
  ) {
    this.aside = recordAside(records);
  }

  /** The key fields of a collection; undefined where there is none. They can be kept as a record of the kind \`collection\`. */
  async keyOf(_collection: string): Promise<string[] | undefined> {
    return leftToDo(4, file, 'keyOf: the key fields of a collection');
  }

  /** Idempotent. */
  async create(_collection: string, _key: readonly string[]): Promise<void> {
    return leftToDo(4, file, 'create: make a collection');
  }

  /** Idempotent. */
  async clear(_collection: string): Promise<void> {
    return leftToDo(4, file, 'clear: delete all rows of a collection');
  }

  /** Idempotent. */
  async drop(_collection: string): Promise<void> {
    return leftToDo(4, file, 'drop: a collection with its rows');
  }

  /** Leaves out what polyshift keeps for itself (names that begin with \`polyshift_\`). */
  async introspect(_names?: readonly string[]): Promise<StoreSchema> {
    return leftToDo(4, file, 'introspect: the collections with their keys');
  }

  async approximateCount(_collection: string): Promise<number> {
    return leftToDo(4, file, 'approximateCount: the number of rows');
  }

  scan(collection: string, { batch_size, after = null }: RowScan): AsyncIterable<RowBatchOf<JsonValue>> {
    return this.range(collection, after, null, batch_size);
  }

  /** By bound keys of the store's own order; what changes meanwhile must not move. */
  range(_collection: string, _after: JsonValue, _end: JsonValue, _batch_size: number): AsyncIterable<RowBatchOf<JsonValue>> {
    return leftToDo(5, file, 'range: rows in batches, behind one key and up to another');
  }

  async get(_collection: string, _keys: readonly JsonValue[]): Promise<KeyedRow<JsonValue>[]> {
    return leftToDo(5, file, 'get: the rows that have these keys');
  }

  /** rowAfter of the kit judges the condition, where it cannot be left to the store. */
  async write(_collection: string, _writes: readonly RowWrite<JsonValue>[]): Promise<WriteOutcome[]> {
    return leftToDo(5, file, 'write: each row at once, and only where its condition holds');
  }

  /** None at all is right too: then one process reads the whole collection. */
  async splits(_collection: string, _want: number): Promise<JsonValue[]> {
    return leftToDo(6, file, 'splits: keys that cut a collection into equal parts');
  }
}
`,
    'src/sink.ts': `import { jsonRowEncoder, type SinkStore } from '@polyshift/adapter-kit';
import type { JsonValue } from '@polyshift/core';
import type { Rows } from './rows.ts';

/** What the sink of the kit needs to know. */
export function sinkStore(rows: Rows): SinkStore<JsonValue> {
  return {
    store: rows,
    async state(collection) {
      if ((await rows.keyOf(collection)) === undefined) return 'absent';
      return (await rows.approximateCount(collection)) === 0 ? 'empty' : 'filled';
    },
    plan: async ({ collection, key }) => ({ statements: [\`write rows to \${collection}, by \${key.join(', ')}\`] }),
    create: ({ collection, key }) => rows.create(collection, key),
    clear: (collection) => rows.clear(collection),
    drop: (collection) => rows.drop(collection),
    count: (collection) => rows.approximateCount(collection),
    encoder: async ({ key }) => jsonRowEncoder(key),
  };
}
`,
    'src/operations.ts': `import * as kit from '@polyshift/adapter-kit';
import type { JsonValue, OperationHandlers, PortableDocument } from '@polyshift/core';
import type { Rows } from './rows.ts';

/** The handlers of what the capabilities declare. Step 7: one file each for what the kit cannot know, named after the operation. */
export function handlersOf(rows: Rows): OperationHandlers {
  const keys = new Map<string, readonly string[]>();
  const operations: kit.RowOperations<JsonValue> = {
    store: rows,
    noun: 'row',
    keyOf: (collection) => rows.keyOf(collection),
    statement: (collection, action) => \`\${action.kind} in \${collection}, by key\`,
    async open(collection) {
      keys.set(collection, (await rows.keyOf(collection))!);
    },
    build: (collection, document: PortableDocument) => kit.keyedJsonRow(document, keys.get(collection)!),
  };
  const maker = {
    create: (collection: string, key: readonly string[]) => rows.create(collection, key),
    createLike: (collection: string, _like: string, key: readonly string[]) => rows.create(collection, key),
    cloneStructure: async (from: string, to: string) => rows.create(to, (await rows.keyOf(from))!),
    exists: async (collection: string) => (await rows.keyOf(collection)) !== undefined,
    drop: (collection: string) => rows.drop(collection),
    keptName: kit.keptName,
  };
  const handlers = {
    add_field: kit.addField(operations),
    rename_field: kit.renameField(operations),
    remove_field: kit.removeField(operations),
    change_type: kit.changeType(operations),
    migrate_data: kit.migrateData(operations),
    extract: kit.extract(operations, maker),
    load: kit.load(operations),
    create_collection: kit.createCollection(operations, maker),
    drop_collection: kit.dropByCopy(operations, maker),
    rename_collection: kit.renameByCopy(operations, maker),
  };
  return handlers as unknown as OperationHandlers;
}
`,
  };
}

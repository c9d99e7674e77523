import {
  type Batch,
  batchSize,
  type Column,
  type JsonValue,
  type LoadUndo,
  PolyshiftError,
  type PortableValue,
  portableColumn,
  type SinkTarget,
  type SinkWriter,
} from '@polyshift/core';
import type { OpenStores } from '../pipeline/stores.ts';
import type { DeadLetter, LetterStore } from './dead-letter.ts';

/** The columns of a dead-letter table behind its key; all are texts, so that every store holds them in the same way. */
const fields = ['spec', 'run_id', 'source_table', 'row_key', 'code', 'message', 'target_table', 'source_row', 'place'] as const;

/** Letters in one read, at most. */
const lettersAtOnce = 500;

/** The target side of a spec. */
export type TargetStore = OpenStores['target'];

/** The target of a load of dead letters. */
export function letterTarget({ adapter }: TargetStore, table: string, aside: string): SinkTarget {
  const key = adapter.capabilities.key_field ?? 'id';
  return {
    collection: table,
    columns: [portableColumn(key, { kind: 'text' }, false), ...fields.map((name) => portableColumn(name, { kind: 'text' }))],
    dynamic: false,
    key: [key],
    mode: 'insert',
    on_loss: 'error',
    aside,
  };
}

/** A table or collection of dead letters in the target store; runs of several specs may share it. */
export class LetterTable implements LetterStore {
  readonly name: string;
  private readonly store: TargetStore;
  private readonly spec: string;
  private readonly target: SinkTarget;
  private readonly writer: SinkWriter;

  private constructor(store: TargetStore, spec: string, target: SinkTarget, writer: SinkWriter) {
    this.store = store;
    this.spec = spec;
    this.target = target;
    this.writer = writer;
    this.name = `the table ${target.collection}`;
  }

  /** Opens the table, and creates it where the undo record says `absent`. Throws UNSUPPORTED_OPERATION where the store cannot delete from it. */
  static async open(store: TargetStore, spec: string, undo: LoadUndo): Promise<LetterTable> {
    const target = letterTarget(store, undo.collection, undo.aside);
    const writer = await store.sink.open(target, undo);
    if (!writer.remove || !store.session.source) {
      await writer[Symbol.asyncDispose]();
      throw new PolyshiftError('UNSUPPORTED_OPERATION', `${store.adapter.capabilities.title} cannot keep dead letters`, {
        hint: 'Name a file under `dead_letters` instead.',
      });
    }
    return new LetterTable(store, spec, target, writer);
  }

  async append(letters: readonly DeadLetter[]): Promise<void> {
    const refused = await this.write(letters);
    if (refused.length === 0) return;
    // A row that is too large for its target is too large for this table, too: it is kept without its values.
    const shortened = await this.write(refused.map(({ letter }) => ({ ...letter, values: null })));
    const [first] = shortened;
    if (first) throw new PolyshiftError('ROW_REJECTED', `${this.name} does not take a dead letter: ${first.message}`);
  }

  async *read(runId: string): AsyncGenerator<DeadLetter> {
    const scan = await this.store.session.source!.scan({ collection: this.target.collection, conditions: { run_id: runId } });
    try {
      const [partition] = await scan.partitions(1);
      for await (const { batch } of scan.read(partition!, { batch_size: lettersAtOnce })) yield* this.lettersOf(batch);
    } finally {
      await scan[Symbol.asyncDispose]();
    }
  }

  async remove(_runId: string, letters: readonly DeadLetter[]): Promise<void> {
    if (letters.length > 0) await this.writer.remove!(this.writer.encode(this.batchOf(letters)).batch);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.writer[Symbol.asyncDispose]();
  }

  private async write(letters: readonly DeadLetter[]): Promise<{ letter: DeadLetter; message: string }[]> {
    const encoded = this.writer.encode(this.batchOf(letters));
    const gone = new Set(encoded.rejected.map(({ index }) => index));
    const left = letters.filter((_, index) => !gone.has(index));
    const written = batchSize(encoded.batch) === 0 ? { rejected: [] } : await this.writer.write(encoded.batch, { replay: true });
    return [
      ...encoded.rejected.map(({ index, message }) => ({ letter: letters[index]!, message })),
      // One that is there already was kept before the connection was lost.
      ...written.rejected
        .filter(({ code }) => code !== 'DUPLICATE_KEY')
        .map(({ index, message }) => ({ letter: left[index]!, message })),
    ];
  }

  private batchOf(letters: readonly DeadLetter[]): Batch {
    return {
      kind: 'rows',
      columns: this.target.columns as readonly Column[],
      rows: letters.map((letter): readonly PortableValue[] => {
        const { flow, partition, row, branch, item, row_hash } = letter;
        return [
          letter.id,
          this.spec,
          letter.run_id,
          letter.source_table,
          JSON.stringify(letter.key),
          letter.code,
          letter.message,
          letter.target,
          JSON.stringify(letter.values),
          JSON.stringify({ flow, partition, row, branch, item, row_hash }),
        ];
      }),
    };
  }

  private *lettersOf(batch: Batch): Generator<DeadLetter> {
    for (let index = 0; index < batchSize(batch); index++) {
      const text = textsOf(batch, index);
      const parsed = (name: string): JsonValue => JSON.parse(text(name) ?? 'null') as JsonValue;
      yield {
        id: text(this.target.key[0]!)!,
        run_id: text('run_id')!,
        source_table: text('source_table')!,
        key: parsed('row_key'),
        code: text('code') as DeadLetter['code'],
        message: text('message') ?? '',
        target: text('target_table') ?? null,
        values: parsed('source_row'),
        ...(parsed('place') as unknown as Pick<DeadLetter, 'flow' | 'partition' | 'row' | 'branch' | 'item' | 'row_hash'>),
      };
    }
  }
}

/** The texts of a row by name. */
function textsOf(batch: Batch, index: number): (name: string) => string | undefined {
  if (batch.kind === 'documents') {
    const document = batch.decode(batch.documents[index]);
    return (name) => (document.get(name) as string | null | undefined) ?? undefined;
  }
  const row = batch.rows[index]!;
  return (name) => {
    const position = batch.columns.findIndex((column) => column.name === name);
    const raw = row[position];
    return raw === null || raw === undefined ? undefined : (batch.columns[position]!.decode(raw) as string);
  };
}

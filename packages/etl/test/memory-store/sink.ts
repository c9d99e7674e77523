import {
  type Batch,
  type Column,
  type LoadUndo,
  type Loss,
  PolyshiftError,
  type PortableValue,
  type RejectedRow,
  type Sink,
  type SinkTarget,
  type SinkWriter,
} from '@polyshift/core';
import { keyOf, type MemoryDatabase, type MemoryRow, type MemoryTable, rowText } from './database.ts';

/** The store keeps instants in milliseconds, and no text of more than 1000 characters. */
export function memorySink(database: MemoryDatabase, client: { dead: boolean }): Sink {
  const answer = () => database.answer(client);
  return {
    async plan(target) {
      answer();
      const table = database.tables.get(target.collection);
      const before = !table ? 'absent' : table.rows.size === 0 ? 'empty' : 'filled';
      return {
        undo: { collection: target.collection, before, aside: target.aside },
        statements: [`insert into ${target.collection}`],
      };
    },
    async open(target, undo) {
      answer();
      if (undo.before === 'absent' && !database.tables.has(target.collection)) {
        database.create(target.collection, target.columns.map(portable), [...target.key], []);
      }
      if (!database.asides.has(undo.aside)) database.asides.set(undo.aside, { inserted: new Set(), images: new Map() });
      return writer(database, client, target, undo);
    },
    async *rollback(undo, loaded) {
      answer();
      const table = database.tables.get(undo.collection);
      const aside = database.asides.get(undo.aside);
      if (!table || !aside) return;
      if (undo.before !== 'filled' && table.rows.size > loaded) {
        throw new PolyshiftError('WRITTEN_SINCE', `${table.rows.size - loaded} rows were written since`);
      }
      let rows = 0;
      if (undo.before === 'absent') database.tables.delete(undo.collection);
      else {
        for (const key of undo.before === 'empty' ? [...table.rows.keys()] : aside.inserted) {
          answer();
          table.rows.delete(key);
          if (++rows % 100 === 0) yield { rows_done: rows };
        }
        for (const [key, image] of aside.images) table.rows.set(key, image);
      }
      yield { rows_done: loaded };
    },
    async discard(undo) {
      answer();
      database.asides.delete(undo.aside);
    },
  };
}

function portable(column: Column): Column {
  return { name: column.name, type: column.type, nullable: true, form: 'portable', decode: (raw) => raw as PortableValue };
}

function writer(database: MemoryDatabase, client: { dead: boolean }, target: SinkTarget, undo: LoadUndo): SinkWriter {
  const columns = target.columns.map(portable);
  const table = (): MemoryTable => database.tables.get(target.collection)!;
  const shape = { columns, key: [...target.key] };
  return {
    encode(batch) {
      if (batch.kind !== 'rows') throw new Error('the memory store takes rows');
      const losses = new Map<string, Loss>();
      const rejected: RejectedRow[] = [];
      const rows: MemoryRow[] = [];
      for (const [index, raw] of batch.rows.entries()) {
        const row = raw.map((value, position): PortableValue | undefined =>
          value === null || value === undefined ? (value as null | undefined) : batch.columns[position]!.decode(value),
        );
        const tooLong = row.findIndex((value) => typeof value === 'string' && value.length > 1000);
        const cut: [number, string][] = [];
        for (const [position, value] of row.entries()) {
          const kind = batch.columns[position]!.type.kind;
          if (kind === 'timestamptz' && typeof value === 'string' && /\.\d{4,}Z$/.test(value)) cut.push([position, value]);
        }
        const refuse = (code: RejectedRow['code'], message: string) =>
          rejected.push({ index, key: keyOf(shape, row), code, message });
        if (tooLong >= 0) refuse('CONVERSION_FAILED', `${columns[tooLong]!.name} is too long`);
        else if (cut.length > 0 && target.on_loss === 'error')
          refuse('LOSS_REFUSED', `${columns[cut[0]![0]]!.name} has microseconds`);
        else {
          for (const [position, value] of cut) {
            const to = value.replace(/(\.\d{3})\d+Z$/, '$1Z');
            row[position] = to;
            const field = columns[position]!.name;
            const known = losses.get(field);
            losses.set(field, {
              field,
              loss: 'microseconds_to_milliseconds',
              count: (known?.count ?? 0) + 1,
              example: known?.example ?? { from: value, to },
            });
          }
          rows.push(row);
        }
      }
      return { batch: { kind: 'rows', columns, rows }, losses: [...losses.values()], rejected, bytes: rows.length * 100 };
    },
    async write(batch, { replay }) {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
      const { rows: written } = batch as Extract<Batch, { kind: 'rows' }>;
      await database.beforeWrite?.(written.length, (key) => written.some((row) => row[0] === key));
      const aside = database.asides.get(undo.aside)!;
      const result = { inserted: 0, replaced: 0, already_there: 0, rejected: [] as RejectedRow[] };
      for (const [index, raw] of (batch as Extract<Batch, { kind: 'rows' }>).rows.entries()) {
        // A client can die between any two rows of a batch.
        if (index % 7 === 0) database.answer(client);
        const row = raw as MemoryRow;
        const key = keyOf(shape, row);
        const existing = table().rows.get(key);
        const mine = aside.inserted.has(key) || aside.images.has(key);
        if (!existing) {
          aside.inserted.add(key);
          table().rows.set(key, row);
          result.inserted++;
        } else if (mine && replay && rowText(shape, existing) === rowText(shape, row)) result.already_there++;
        else if (!mine && target.mode === 'ignore') result.already_there++;
        else if (!mine && target.mode === 'upsert') {
          aside.images.set(key, existing);
          table().rows.set(key, row);
          result.replaced++;
        } else result.rejected.push({ index, key, code: 'DUPLICATE_KEY', message: `the key ${key} is there` });
      }
      database.writes++;
      return result;
    },
    async lookup(batch) {
      database.answer(client);
      const rows = (batch as Extract<Batch, { kind: 'rows' }>).rows.flatMap((row) => {
        const found = table().rows.get(keyOf(shape, row as MemoryRow));
        return found ? [found] : [];
      });
      return { kind: 'rows', columns, rows };
    },
    finish: async () => database.answer(client),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

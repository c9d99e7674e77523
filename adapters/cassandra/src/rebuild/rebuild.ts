import type { AsideStore, RawRow } from '@polyshift/adapter-kit';
import { isPolyshiftError, type JsonObject, PolyshiftError, type Progress, type RunContext } from '@polyshift/core';
import { asideStore } from '../aside.ts';
import { dropTable, tableExists } from '../catalog/drop-table.ts';
import { buildIndexes } from '../catalog/index-list.ts';
import { keptTable } from '../catalog/kept-table.ts';
import { openTable, type Table } from '../catalog/table.ts';
import { createTableText } from '../catalog/table-text.ts';
import { changeSchema, read } from '../cql/execute.ts';
import { getRow } from '../rows/get-row.ts';
import type { Store } from '../store.ts';
import type { Conversion } from './conversion.ts';
import { copyUntilEqual, fillTable } from './put-rows.ts';

/** What a rebuild goes from and to. */
export interface Rebuilding {
  /** The table as it was. */
  readonly before: Table;
  /** The table as it becomes. */
  readonly after: Table;
  readonly conversion: Conversion;
  readonly indexes: JsonObject;
}

/**
 * Gives a column another type by making the table anew: the store changes no type, and takes a dropped column back in its old one alone. The old table
 * is copied aside and compared, dropped, made with the new type, and filled from the copy, which stays for the rollback. What was
 * reached is noted aside, so that each step can be started again.
 */
export class Rebuild {
  private readonly store: Store;
  private readonly what: Rebuilding;
  private readonly run: RunContext;
  private readonly aside: AsideStore;
  /** The place aside for notes of what is reached. */
  private readonly place: string;
  /** The copy of the old table, and on the way back the one that is made of the new table. */
  private readonly kept: string;
  private readonly back: string;

  constructor(store: Store, what: Rebuilding, run: RunContext) {
    this.store = store;
    this.what = what;
    this.run = run;
    this.aside = asideStore(store);
    this.place = `rebuild_${run.aside}`;
    this.kept = keptTable(run.aside);
    this.back = keptTable(run.aside, 'back');
  }

  async *forth(): AsyncGenerator<Progress> {
    const { before, after } = this.what;
    let copied = await this.noted('copied');
    if (copied === undefined || (await this.isOpen('dropped'))) {
      yield* this.copyAside(before.name, this.kept, async ({ row }) => row);
      copied = await this.note('copied');
    }
    await this.run.fault('proven');
    await this.replace('dropped', after);
    yield* this.fill(copied);
    await buildIndexes(this.store, before.name, this.what.indexes, this.run);
  }

  async *backward(): AsyncGenerator<Progress> {
    const { before } = this.what;
    const copied = await this.noted('copied');
    if (copied === undefined) return;
    let restored = await this.noted('restored');
    const isNew = (await this.noted('dropped')) !== undefined;
    // The old table was never dropped, and is as it was.
    if (!isNew && restored === undefined && (await tableExists(this.store, before.name))) return;
    if (restored === undefined || (await this.isOpen('removed'))) {
      // Killed before the new table was there: then the copy of the old one holds what there is.
      const from = (await tableExists(this.store, before.name)) ? before.name : this.kept;
      // What the new table does not have yet must not be taken for deleted.
      if (isNew && from !== this.kept) yield* this.fill(copied);
      const original = await openTable(this.store, this.kept);
      yield* this.copyAside(from, this.back, ({ key, row }) =>
        isNew && from !== this.kept ? this.original(original, key, row) : Promise.resolve(row),
      );
      restored = await this.note('restored');
    }
    await this.run.fault('proven');
    await this.replace('removed', before);
    if (await tableExists(this.store, this.back))
      yield* fillTable(this.store, { from: this.back, to: before.name, convert: async ({ row }) => row }, restored, this.run);
    await buildIndexes(this.store, before.name, this.what.indexes, this.run);
    await dropTable(this.store, this.back);
  }

  /** Whether the new table has got all rows, and no way back has begun: a row that it lacks then was deleted by the application. */
  async isFilled(): Promise<boolean> {
    return (await this.noted('filled')) !== undefined && (await this.noted('restored')) === undefined;
  }

  async discard(): Promise<void> {
    await dropTable(this.store, this.kept);
    await dropTable(this.store, this.back);
    await this.aside.drop(this.place);
  }

  /**
   * Whether the table is to be copied and compared in this run: always while it is there, since the application has gone on writing it after an
   * earlier run has compared it. It is dropped only behind a pass that has found nothing different.
   */
  private async isOpen(mark: string): Promise<boolean> {
    return (await this.noted(mark)) === undefined && (await tableExists(this.store, this.what.before.name));
  }

  /** Fills the new table from the copy of the old one, once. */
  private async *fill(copied: bigint): AsyncGenerator<Progress> {
    if ((await this.noted('filled')) !== undefined) return;
    const convert = async ({ row }: { row: RawRow<Buffer> }): Promise<RawRow<Buffer>> => converted(row, this.what.conversion);
    yield* fillTable(this.store, { from: this.kept, to: this.what.before.name, convert }, copied, this.run);
    await this.note('filled');
  }

  /** Copies rows into a table aside that has the old types. */
  private async *copyAside(
    from: string,
    to: string,
    convert: Parameters<typeof copyUntilEqual>[1]['convert'],
  ): AsyncGenerator<Progress> {
    await this.run.guard();
    await this.create(to, this.what.before);
    await this.run.fault('structure');
    yield* copyUntilEqual(this.store, { from, to, convert }, this.run);
  }

  /** The old row of one in the new table: what is as it was converted gets its old value back, what the application has written is converted. */
  private async original(kept: Table, key: Parameters<typeof getRow>[2], row: RawRow<Buffer>): Promise<RawRow<Buffer>> {
    const { field, forth, back } = this.what.conversion;
    const raw = row.get(field);
    if (raw === undefined) return row;
    const old = (await getRow(this.store, kept, key))?.row;
    const restored = new Map(row);
    const value = old && forth(old)?.equals(raw) ? old.get(field) : writtenBack(back, raw, key);
    if (value === undefined) restored.delete(field);
    else restored.set(field, value);
    return restored;
  }

  /** Drops the table, notes it, and makes it anew: what is there behind the note is the new one. */
  private async replace(mark: string, table: Table): Promise<void> {
    await this.run.guard();
    if ((await this.noted(mark)) === undefined) {
      await dropTable(this.store, table.name);
      await this.run.fault('dropped');
      await this.note(mark);
    }
    await this.create(table.name, table);
    await this.run.fault('created');
  }

  private async create(name: string, table: Table): Promise<void> {
    if (!(await tableExists(this.store, name))) await changeSchema(this.store, createTableText(this.store.keyspace, name, table));
  }

  /** Notes what is reached, with the time of it in microseconds. */
  private async note(key: string): Promise<bigint> {
    const [now] = await read(this.store, 'SELECT toUnixTimestamp(now()) AS t FROM system.local');
    const at = BigInt(String(now!['t'])) * 1000n;
    await this.aside.ensure(this.place);
    await this.aside.put(this.place, [{ key, value: String(at) }], 'keep');
    return at;
  }

  private async noted(key: string): Promise<bigint | undefined> {
    const value = (await this.aside.get(this.place, [key])).get(key);
    return value === undefined ? undefined : BigInt(String(value));
  }
}

/** A row with the value of the column converted. */
export function converted(row: RawRow<Buffer>, { field, forth }: Conversion): RawRow<Buffer> {
  const value = forth(row);
  const result = new Map(row);
  if (value === undefined) result.delete(field);
  else result.set(field, value);
  return result;
}

function writtenBack(back: Conversion['back'], raw: Buffer, key: unknown): Buffer | undefined {
  try {
    return back(raw);
  } catch (error) {
    if (!isPolyshiftError(error, 'CONVERSION_FAILED')) throw error;
    throw new PolyshiftError(
      'WRITTEN_SINCE',
      `the row ${JSON.stringify(key)} was written since with a value that the old type cannot hold`,
      {
        hint: `${error.message}. Change the value first, or go on forward.`,
      },
    );
  }
}

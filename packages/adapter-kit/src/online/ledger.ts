import type { JsonObject, JsonValue } from '@polyshift/core';
import { keyText } from '../change/key-text.ts';
import type { AsideStore, RowKey } from '../row-store.ts';
import { digestsFromJson, digestsToJson, type FieldDigests, sameDigests } from './digests.ts';
import type { Side } from './online-store.ts';

/** What both versions of a row held when they were last in step. */
export interface InStep {
  /** The fields of the old row, and of its mapping to the new form. */
  readonly old: FieldDigests;
  readonly forward: FieldDigests;
  /** The fields of the new row, and of its mapping to the old form. */
  readonly new: FieldDigests;
  readonly back: FieldDigests;
}

/** A write that is announced before it is made: after a stop its sides say whether it was. */
export interface Intent {
  readonly key: RowKey;
  /** The sides that are written. */
  readonly sides: readonly Side[];
  /** What holds once it is made; undefined where the row is gone from both sides then. */
  readonly inStep: InStep | undefined;
}

/** An entry to keep; without `inStep` there is none any more. */
export interface LedgerChange {
  readonly key: RowKey;
  readonly inStep: InStep | undefined;
}

/** Begins with a sign that no {@link keyText} begins with. */
const intentKey = '!intent';

/** Entries that are listed at once. */
const pageSize = 500;

/** What is known of rows by their keys, in the place aside of an online change; kept durable in the store itself. */
export class Ledger {
  private readonly aside: AsideStore;
  private readonly place: string;

  constructor(aside: AsideStore, place: string) {
    this.aside = aside;
    this.place = place;
  }

  /** The entries of rows, by {@link keyText}. */
  async read(keys: readonly RowKey[]): Promise<Map<string, InStep>> {
    if (keys.length === 0) return new Map();
    const found = await this.aside.get(this.place, keys.map(keyText));
    return new Map([...found].map(([key, value]) => [key, inStepFromJson(value as JsonObject)]));
  }

  /** Keeps entries, or takes them away. */
  async write(changes: readonly LedgerChange[]): Promise<void> {
    const kept = changes.flatMap(({ key, inStep }) =>
      inStep ? [{ key: keyText(key), value: { key, ...inStepToJson(inStep) } }] : [],
    );
    const gone = changes.flatMap(({ key, inStep }) => (inStep ? [] : [keyText(key)]));
    if (kept.length > 0) await this.aside.put(this.place, kept, 'replace');
    if (gone.length > 0) await this.aside.delete(this.place, gone);
  }

  /** The keys of all entries, in pages. */
  async *keys(): AsyncGenerator<RowKey[]> {
    let after: string | undefined;
    for (;;) {
      const entries = await this.aside.list(this.place, after, pageSize);
      const keys = entries.flatMap(({ key, value }) => (key.startsWith('!') ? [] : [(value as { key: RowKey }).key]));
      if (keys.length > 0) yield keys;
      if (entries.length < pageSize) return;
      after = entries.at(-1)!.key;
    }
  }

  /** Announces the writes of a batch, in the place of those of the batch before it. */
  async announce(intents: readonly Intent[]): Promise<void> {
    const value: JsonValue = intents.map(({ key, sides, inStep }) => ({
      key,
      sides: [...sides],
      inStep: inStep ? inStepToJson(inStep) : null,
    }));
    await this.aside.put(this.place, [{ key: intentKey, value }], 'replace');
  }

  /** The writes that were announced last. */
  async announced(): Promise<Intent[]> {
    const value = (await this.aside.get(this.place, [intentKey])).get(intentKey) as JsonObject[] | undefined;
    return (value ?? []).map((each) => ({
      key: each['key']!,
      sides: each['sides'] as unknown as Side[],
      inStep: each['inStep'] ? inStepFromJson(each['inStep'] as JsonObject) : undefined,
    }));
  }
}

/** Whether an announced write was made: each side that it was to write holds what it was to hold. */
export function wasMade({ sides, inStep }: Intent, rows: Readonly<Record<Side, FieldDigests | undefined>>): boolean {
  return sides.every((side) => {
    const [is, wanted] = [rows[side], inStep?.[side]];
    return is && wanted ? sameDigests(is, wanted) : is === wanted;
  });
}

function inStepToJson(inStep: InStep): JsonObject {
  return {
    o: digestsToJson(inStep.old),
    n: digestsToJson(inStep.new),
    ...(sameDigests(inStep.forward, inStep.new) ? {} : { f: digestsToJson(inStep.forward) }),
    ...(sameDigests(inStep.back, inStep.old) ? {} : { b: digestsToJson(inStep.back) }),
  };
}

function inStepFromJson(json: JsonObject): InStep {
  const of = (name: string): FieldDigests => digestsFromJson(json[name] as JsonObject);
  const [old, fresh] = [of('o'), of('n')];
  return { old, new: fresh, forward: json['f'] ? of('f') : fresh, back: json['b'] ? of('b') : old };
}

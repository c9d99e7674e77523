import { compileConditions, type DocumentTest, valueAt } from '@polyshift/adapter-kit';
import {
  dynamicType,
  isNumeric,
  isTime,
  jsonOf,
  type PortableDocument,
  type PortableValue,
  parseTimestamp,
  scalarText,
  Tagged,
} from '@polyshift/core';
import type { Definition } from '../definitions/definition.ts';
import type { KeySpace } from '../keys/key-space.ts';
import { decodeRow } from '../rows/codec.ts';
import { idOf, type RedisRow } from '../rows/raw-row.ts';
import type { IndexStep } from '../rows/write-rows.ts';
import type { IndexDefinition } from './index-definition.ts';

/** What an index holds of one row. */
export interface IndexEntry {
  readonly kind: 'z' | 's' | 'u';
  readonly key: string;
  readonly member: Buffer;
  /** The score of a sorted set, the row of a unique hash; empty for a set. */
  readonly value: string | Buffer;
}

/** The key of an index; with a value, that of the set of its rows. */
export function indexKey(keys: KeySpace, collection: string, { name, form }: IndexDefinition, value?: string): string {
  return keys.beside(collection, form === 'set' ? 'set' : 'index', value === undefined ? name : `${name}:${value}`);
}

/** The entries that the indexes of a collection have for a row; none for a row that is not there. */
export function entriesOf(
  keys: KeySpace,
  collection: string,
  definition: Definition,
  indexes: readonly IndexDefinition[],
  row: RedisRow | undefined,
): IndexEntry[] {
  if (!row || indexes.length === 0) return [];
  const document = decodeRow(definition, true, row);
  return indexes.flatMap((index) => entryOf(keys, collection, index, document, idOf(row)) ?? []);
}

/** What takes a row's old entries away and makes its new ones; entries that stay are left alone. */
export function entrySteps(before: readonly IndexEntry[], after: readonly IndexEntry[]): IndexStep[] {
  const text = (entry: IndexEntry): string => `${entry.key}\0${latin(entry.value)}\0${entry.member.toString('latin1')}`;
  const [old, wanted] = [new Set(before.map(text)), new Set(after.map(text))];
  const member = (entry: IndexEntry): string => `${entry.key}\0${entry.member.toString('latin1')}`;
  const kept = new Set(after.map(member));
  return [
    // A member that only gets another score is not taken away first.
    ...before.filter((entry) => !wanted.has(text(entry)) && !kept.has(member(entry))).map((entry) => step('-', entry)),
    ...after.filter((entry) => !old.has(text(entry))).map((entry) => step('+', entry)),
  ];
}

/** The step that makes an entry or takes it away. */
export function step(sign: '+' | '-', { kind, key, member, value }: IndexEntry): IndexStep {
  return { what: `${kind}${sign}`, key, member, value };
}

function entryOf(
  keys: KeySpace,
  collection: string,
  index: IndexDefinition,
  document: PortableDocument,
  id: Buffer,
): IndexEntry | undefined {
  if (!chosenBy(index)(document)) return undefined;
  const values = Object.keys(index.keys).map((field) => valueAt(document, field) ?? null);
  const missing = values.filter((value) => value === null).length;
  if (index.sparse && missing === values.length) return undefined;
  const key = indexKey(keys, collection, index);
  switch (index.form) {
    case 'score':
      return { kind: 'z', key, member: id, value: scoreOf(values[0]!) };
    case 'lex':
      return { kind: 'z', key, member: Buffer.concat([...values.map((value) => part(value)), id]), value: '0' };
    case 'set':
      return { kind: 's', key: indexKey(keys, collection, index, values.map(valueText).join('\0')), member: id, value: '' };
    case 'unique':
      // As in SQL, rows that have no value in one of the fields are never equal.
      return missing > 0 ? undefined : { kind: 'u', key, member: memberOf(values), value: id };
  }
}

const conditions = new WeakMap<IndexDefinition, DocumentTest>();

/** Which rows an index holds; compiled once for all rows of a batch. */
function chosenBy(index: IndexDefinition): DocumentTest {
  let test = conditions.get(index);
  if (!test) {
    test = compileConditions(index.where);
    conditions.set(index, test);
  }
  return test;
}

/** The number, or the milliseconds since 1970 of a date or time; what is none of them stands before all numbers. */
function scoreOf(value: PortableValue): string {
  const type = dynamicType(value);
  const bare = value instanceof Tagged ? value.value : value;
  if (type && isNumeric(type.kind)) return Number.isNaN(Number(bare)) ? '+inf' : scoreText(Number(bare));
  if (!type || !isTime(type.kind)) return '-inf';
  if (bare === 'infinity') return '+inf';
  if (bare === '-infinity') return '-inf';
  return scoreText(Number(parseTimestamp(bare as string).micros) / 1000);
}

function scoreText(score: number): string {
  return score === Infinity ? '+inf' : score === -Infinity ? '-inf' : String(score);
}

/** A value in a sorted set of texts: bytes 0 and 1 are escaped, so that a byte 0 ends it; null is a byte 1 alone. */
function part(value: PortableValue): Buffer {
  if (value === null) return Buffer.from([1, 0]);
  const bytes: number[] = [];
  for (const byte of Buffer.from(valueText(value))) {
    if (byte === 0) bytes.push(1, 2);
    else if (byte === 1) bytes.push(1, 1);
    else bytes.push(byte);
  }
  return Buffer.from([...bytes, 0]);
}

/** The field of a unique hash: the text of one value, the parts of several. */
function memberOf(values: readonly PortableValue[]): Buffer {
  return values.length === 1 ? Buffer.from(valueText(values[0]!)) : Buffer.concat(values.map(part));
}

function valueText(value: PortableValue): string {
  return scalarText({ kind: 'dynamic' }, value) ?? JSON.stringify(jsonOf({ kind: 'dynamic' }, value));
}

function latin(value: string | Buffer): string {
  return typeof value === 'string' ? value : value.toString('latin1');
}

import type { JsonObject, JsonValue } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { fresh, OnlineStage, old } from './online-stage.ts';

interface Case {
  readonly title: string;
  readonly operations: readonly JsonObject[];
  readonly back?: JsonObject;
  /** A row of the old version, and what the new one has of it. */
  readonly old: Record<string, JsonValue>;
  readonly new: Record<string, JsonValue>;
  /** What the application of the new version writes to that row, and what the old one has then. */
  readonly written: Record<string, JsonValue>;
  readonly backAgain: Record<string, JsonValue>;
  /** A row that it inserts, and what the old one has of it. */
  readonly inserted: Record<string, JsonValue>;
  readonly backInserted: Record<string, JsonValue>;
}

const cases: readonly Case[] = [
  {
    title: 'a rename',
    operations: [{ type: 'rename_field', data: { old_name: 'mail', new_name: 'email' } }],
    old: { id: 'a', mail: 'x', n: 1 },
    new: { id: 'a', email: 'x', n: 1 },
    written: { id: 'a', email: 'y', n: 1 },
    backAgain: { id: 'a', mail: 'y', n: 1 },
    inserted: { id: 'b', email: 'z' },
    backInserted: { id: 'b', mail: 'z' },
  },
  {
    title: 'another type: back to the type that the row has, else to that of most rows',
    operations: [{ type: 'change_type', data: { field_name: 'age', to: 'text' } }],
    old: { id: 'a', age: 42 },
    new: { id: 'a', age: '42' },
    written: { id: 'a', age: '43' },
    backAgain: { id: 'a', age: 43 },
    inserted: { id: 'b', age: '7' },
    backInserted: { id: 'b', age: 7 },
  },
  {
    title: 'a new field, of which the old version learns nothing',
    operations: [{ type: 'add_field', data: { field_name: 'tier', default_value: 'gold' } }],
    old: { id: 'a', n: 1 },
    new: { id: 'a', n: 1, tier: 'gold' },
    written: { id: 'a', n: 2, tier: 'silver' },
    backAgain: { id: 'a', n: 2 },
    inserted: { id: 'b', n: 3, tier: 'bronze' },
    backInserted: { id: 'b', n: 3 },
  },
  {
    title: 'a field that ends: the old version keeps what it has',
    operations: [{ type: 'remove_field', data: { field_name: 'legacy' } }],
    old: { id: 'a', legacy: 'l', n: 1 },
    new: { id: 'a', n: 1 },
    written: { id: 'a', n: 2 },
    backAgain: { id: 'a', legacy: 'l', n: 2 },
    inserted: { id: 'b', n: 3 },
    backInserted: { id: 'b', n: 3 },
  },
  {
    title: 'a field that ends where a condition holds',
    operations: [{ type: 'remove_field', data: { field_name: 'legacy' }, conditions: { n: { gt: 5 } } }],
    old: { id: 'a', legacy: 'l', n: 1 },
    new: { id: 'a', legacy: 'l', n: 1 },
    written: { id: 'a', legacy: 'k', n: 1 },
    backAgain: { id: 'a', legacy: 'k', n: 1 },
    inserted: { id: 'b', n: 9 },
    backInserted: { id: 'b', n: 9 },
  },
  {
    title: 'a field that ends, given by an expression',
    operations: [{ type: 'remove_field', data: { field_name: 'legacy' } }],
    back: { legacy: { $concat: ['from ', '$name'] } },
    old: { id: 'a', legacy: 'l', name: 'x' },
    new: { id: 'a', name: 'x' },
    written: { id: 'a', name: 'y' },
    backAgain: { id: 'a', legacy: 'from y', name: 'y' },
    inserted: { id: 'b', name: 'z' },
    backInserted: { id: 'b', legacy: 'from z', name: 'z' },
  },
  {
    title: 'a pipeline with a way back, and a condition',
    operations: [{ type: 'migrate_data', data: { pipeline: [{ $set: { mail: { $concat: ['$mail', '!'] } } }] } }],
    back: { mail: { $concat: ['back ', '$mail'] } },
    old: { id: 'a', mail: 'x' },
    new: { id: 'a', mail: 'x!' },
    written: { id: 'a', mail: 'y' },
    backAgain: { id: 'a', mail: 'back y' },
    inserted: { id: 'b', mail: 'z' },
    backInserted: { id: 'b', mail: 'back z' },
  },
  {
    title: 'several, one after the other',
    operations: [
      { type: 'change_type', data: { field_name: 'age', to: 'text' } },
      { type: 'rename_field', data: { old_name: 'age', new_name: 'years' } },
      { type: 'migrate_data', data: { pipeline: [{ $set: { label: { $concat: ['$years', ' years'] } } }] } },
      { type: 'add_field', data: { field_name: 'tier', default_value: 1 } },
    ],
    old: { id: 'a', age: 42, n: 1 },
    new: { id: 'a', years: '42', n: 1, label: '42 years', tier: 1 },
    written: { id: 'a', years: '43', n: 2, label: 'old', tier: 2 },
    backAgain: { id: 'a', age: 43, n: 2 },
    inserted: { id: 'b', years: '1', n: 3 },
    backInserted: { id: 'b', age: 1, n: 3 },
  },
];

describe('the mapping of an online change', () => {
  it.each(cases)('$title', async ({ operations, back, ...row }) => {
    const stage = new OnlineStage(operations, back);
    stage.store.put(old, 'a', row.old);
    await stage.up();
    expect(stage.row(fresh, 'a')).toEqual(row.new);
    expect(await stage.failed()).toEqual([]);
    stage.store.put(fresh, 'a', row.written);
    stage.store.put(fresh, 'b', row.inserted);
    await stage.catchUp();
    expect(stage.row(old, 'a')).toEqual(row.backAgain);
    expect(stage.row(old, 'b')).toEqual(row.backInserted);
    expect(stage.row(fresh, 'a'), 'what was written stays').toEqual(row.written);
    expect(await stage.failed()).toEqual([]);
    expect(await stage.refused()).toBe(0);
  });
});

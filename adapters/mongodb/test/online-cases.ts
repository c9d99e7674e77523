import { Decimal128, type Document, Double, Int32, Long } from 'mongodb';

/** What becomes of documents by one kind of operation: each way, and what the other version keeps of its own. */
export interface Case {
  readonly title: string;
  readonly operations: readonly object[];
  readonly more?: object;
  /** Documents of the old version, and what they are in the new one. */
  readonly forward: readonly (readonly [Document, Document])[];
  /** The same for documents that the old version inserts once both are in use: no check has seen them. */
  readonly later?: readonly (readonly [Document, Document])[];
  /** Documents that the new version inserts, and what they are in the old one. */
  readonly back?: readonly (readonly [Document, Document])[];
  /** Updates of documents that are in both: by their place in `forward`. */
  readonly updates?: readonly {
    readonly at: number;
    readonly side: 'old' | 'new';
    readonly update: Document;
    readonly old: Document;
    readonly new: Document;
  }[];
}

/** One for each kind of operation, missing fields, nulls, arrays and documents within documents among them. */
export const cases: readonly Case[] = [
  {
    title: 'rename_field: in its place, missing and null',
    operations: [{ type: 'rename_field', data: { old_name: 'mail', new_name: 'email' } }],
    forward: [
      [
        { a: 1, mail: 'x', z: 2 },
        { a: 1, email: 'x', z: 2 },
      ],
      [{ a: 1 }, { a: 1 }],
      [{ mail: null }, { email: null }],
      [{ mail: { deep: ['x', null] } }, { email: { deep: ['x', null] } }],
    ],
    back: [
      [
        { email: 'n', more: 1 },
        { mail: 'n', more: 1 },
      ],
    ],
    updates: [
      { at: 0, side: 'new', update: { $set: { email: 'y' } }, old: { a: 1, mail: 'y', z: 2 }, new: { a: 1, email: 'y', z: 2 } },
      { at: 1, side: 'old', update: { $set: { mail: 'm' } }, old: { a: 1, mail: 'm' }, new: { a: 1, email: 'm' } },
    ],
  },
  {
    title: 'rename_field: within a document',
    operations: [{ type: 'rename_field', data: { old_name: 'at.city', new_name: 'at.town' } }],
    forward: [[{ at: { city: 'B', zip: 1 } }, { at: { town: 'B', zip: 1 } }]],
    later: [
      [{ at: [{ city: 'B' }] }, { at: [{ city: 'B' }] }],
      [{ at: 'B' }, { at: 'B' }],
    ],
    back: [[{ at: { town: 'C' } }, { at: { city: 'C' } }]],
    updates: [
      {
        at: 0,
        side: 'new',
        update: { $set: { 'at.zip': 2 } },
        old: { at: { city: 'B', zip: 2 } },
        new: { at: { town: 'B', zip: 2 } },
      },
    ],
  },
  {
    title: 'change_type: null and missing stay, back to the type that most documents have',
    operations: [{ type: 'change_type', data: { field_name: 'n', to: 'int64' } }],
    forward: [
      [{ n: new Int32(1) }, { n: Long.fromNumber(1) }],
      [{ n: null }, { n: null }],
      [{}, {}],
      [{ n: '12' }, { n: Long.fromNumber(12) }],
      [{ n: Long.fromNumber(5) }, { n: Long.fromNumber(5) }],
      [{ n: new Int32(3) }, { n: Long.fromNumber(3) }],
    ],
    back: [[{ n: Long.fromNumber(7) }, { n: new Int32(7) }]],
  },
  {
    title: 'change_type: digits that the old type cannot hold survive writes to other fields',
    operations: [{ type: 'change_type', data: { field_name: 'price', to: 'decimal' } }],
    forward: [
      [
        { price: new Double(1.5), n: 1 },
        { price: new Decimal128('1.5'), n: 1 },
      ],
    ],
    updates: [
      {
        at: 0,
        side: 'new',
        update: { $set: { price: new Decimal128('1.50000000000000000000000001') } },
        old: { price: new Double(1.5), n: 1 },
        new: { price: new Decimal128('1.50000000000000000000000001'), n: 1 },
      },
      {
        at: 0,
        side: 'old',
        update: { $set: { n: 2 } },
        old: { price: new Double(1.5), n: 2 },
        new: { price: new Decimal128('1.50000000000000000000000001'), n: 2 },
      },
    ],
  },
  {
    title: 'add_field: what the new version has written there survives writes of the old one',
    operations: [
      { type: 'add_field', data: { field_name: 'tier', default_value: 'gold' }, conditions: { n: { gte: 2 } } },
      { type: 'add_field', data: { field_name: 's.weekly', default_value: true } },
    ],
    forward: [
      [{ n: 1 }, { n: 1, s: { weekly: true } }],
      [
        { n: 2, s: { daily: 1 } },
        { n: 2, s: { daily: 1, weekly: true }, tier: 'gold' },
      ],
    ],
    later: [
      [
        { n: 3, tier: 'own', s: 'no document' },
        { n: 3, tier: 'own', s: 'no document' },
      ],
    ],
    back: [
      [
        { n: 9, tier: 'x', s: { daily: 2, weekly: false } },
        { n: 9, s: { daily: 2 } },
      ],
    ],
    updates: [
      {
        at: 1,
        side: 'new',
        update: { $set: { tier: 'iron', 's.weekly': false } },
        old: { n: 2, s: { daily: 1 } },
        new: { n: 2, s: { daily: 1, weekly: false }, tier: 'iron' },
      },
      {
        at: 1,
        side: 'old',
        update: { $set: { 's.daily': 5, n: 4 } },
        old: { n: 4, s: { daily: 5 } },
        new: { n: 4, s: { daily: 5, weekly: false }, tier: 'iron' },
      },
    ],
  },
  {
    title: 'remove_field: the old version keeps its own, new rows get what `back` says',
    operations: [{ type: 'remove_field', data: { field_name: 'legacy' } }],
    more: { back: { kind: { $concat: ['of ', '$name'] } } },
    forward: [
      [
        { name: 'a', legacy: 'l', kind: 'of a' },
        { name: 'a', kind: 'of a' },
      ],
    ],
    back: [[{ name: 'b' }, { name: 'b', kind: 'of b' }]],
    updates: [
      {
        at: 0,
        side: 'new',
        update: { $set: { name: 'c' } },
        old: { name: 'c', legacy: 'l', kind: 'of c' },
        new: { name: 'c', kind: 'of a' },
      },
    ],
  },
  {
    title: 'migrate_data: computed again only where what it is made of has changed',
    operations: [
      {
        type: 'migrate_data',
        conditions: { first: { ne: 'nobody' } },
        data: { pipeline: [{ $set: { full: { $concat: ['$first', ' ', '$last'] } } }] },
      },
      { type: 'remove_field', data: { field_name: 'first' } },
    ],
    more: { back: { first: { $first: { $split: ['$full', ' '] } } } },
    forward: [
      [
        { first: 'A', last: 'B', n: 1 },
        { last: 'B', n: 1, full: 'A B' },
      ],
      [{ first: 'nobody', last: 'B' }, { last: 'B' }],
    ],
    back: [
      [
        { full: 'X Y', last: 'Y' },
        { last: 'Y', first: 'X' },
      ],
    ],
    updates: [
      {
        at: 0,
        side: 'new',
        update: { $set: { full: 'C B' } },
        old: { first: 'C', last: 'B', n: 1 },
        new: { last: 'B', n: 1, full: 'C B' },
      },
      {
        at: 0,
        side: 'old',
        update: { $set: { n: 2 } },
        old: { first: 'C', last: 'B', n: 2 },
        new: { last: 'B', n: 2, full: 'C B' },
      },
    ],
  },
  {
    title: 'several that build on each other',
    operations: [
      { type: 'rename_field', data: { old_name: 'a', new_name: 'b' } },
      { type: 'change_type', data: { field_name: 'b', to: 'text' } },
      { type: 'migrate_data', data: { pipeline: [{ $set: { c: { $concat: ['<', '$b', '>'] } } }] } },
      { type: 'rename_field', data: { old_name: 'b', new_name: 'd' } },
    ],
    forward: [
      [
        { a: new Int32(1), '10': 'x', '9': 'y' },
        { d: '1', '10': 'x', '9': 'y', c: '<1>' },
      ],
    ],
    back: [[{ d: '5' }, { a: new Int32(5) }]],
  },
];

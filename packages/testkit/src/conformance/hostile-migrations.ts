import type { Adapter, AnyOperationInput } from '@polyshift/core';

/** A value that ends literals, comments and statements wherever one of them is not quoted right. */
const hostileText = `it's "x" \\' \\\\ -- /* ; drop table b; */ \${1} :name $polyshift$ \u00e9\u65e5\ud83d\ude00`;

const hostile = 'a"; drop table b; --';
const hostileLater = 'b`\'\\"; -- c';

/**
 * Three migrations over a table, columns and values of hostile names and content, that take names away and give them again: the way back
 * must find each where it will be, not where it is when it is printed. Operations that the adapter does not carry, or refuses to script, are left out.
 */
export function hostileMigrations(adapter: Adapter, key: string): AnyOperationInput[][] {
  const { operations, rollback_scripts } = adapter.capabilities;
  const refused = rollback_scripts?.supported ? rollback_scripts.refused : {};
  const [field, other] = ['x"; select 1; --', "y'\\`z"];
  const migrations: AnyOperationInput[][] = [
    [
      {
        type: 'create_collection',
        collection: hostile,
        data: {
          fields: [
            { name: key, type: 'int64', nullable: false },
            { name: field, type: 'text' },
            { name: 'n', type: 'int32' },
          ],
          key: [key],
        },
      },
      {
        type: 'load',
        collection: hostile,
        data: {
          rows: [
            { [key]: 1, [field]: hostileText, n: 1 },
            { [key]: 2, [field]: '', n: 2 },
            { [key]: 3, [field]: null, n: null },
          ],
          key: [key],
        },
      },
    ],
    [
      { type: 'add_field', collection: hostile, data: { field_name: other, type: 'text', default_value: hostileText } },
      { type: 'set_default', collection: hostile, data: { field_name: other, default_value: 'plain' } },
      { type: 'rename_field', collection: hostile, data: { old_name: field, new_name: 'plain' } },
      {
        type: 'load',
        collection: hostile,
        data: {
          rows: [
            { [key]: 1, plain: 'changed', n: 5 },
            { [key]: 4, plain: hostileText, n: 6 },
          ],
          key: [key],
          mode: 'upsert',
        },
      },
      { type: 'rename_collection', collection: hostile, data: { new_name: hostileLater } },
    ],
    [
      { type: 'migrate_data', collection: hostileLater, data: { pipeline: [{ $set: { plain: hostileText } }] } },
      { type: 'change_type', collection: hostileLater, data: { field_name: 'n', to: 'text' } },
      { type: 'remove_field', collection: hostileLater, data: { field_name: 'plain' } },
      { type: 'drop_collection', collection: hostileLater, data: {} },
    ],
  ];
  return migrations.map((list) => list.filter(({ type }) => operations[type].supported && refused[type] === undefined));
}

import { portableColumn } from '@polyshift/core';
import { MemoryDatabase, type MemoryRow } from './database.ts';

/** A store with a table `users` of realistic gaps: nulls, microseconds, decimals. */
export function usersDatabase(rows: number): MemoryDatabase {
  const database = new MemoryDatabase();
  const columns = [
    portableColumn('id', { kind: 'int64' }, false),
    portableColumn('first_name', { kind: 'text' }),
    portableColumn('last_name', { kind: 'text' }),
    portableColumn('age', { kind: 'int32' }),
    portableColumn('balance', { kind: 'decimal', precision: 12, scale: 2 }),
    portableColumn('active', { kind: 'boolean' }),
    portableColumn('created_at', { kind: 'timestamptz' }),
    portableColumn('profile', { kind: 'json' }),
  ];
  const all = Array.from(
    { length: rows },
    (_, index): MemoryRow => [
      BigInt(index + 1),
      index % 7 === 0 ? null : `First${index}`,
      index % 11 === 0 ? null : `Last${index}`,
      index % 5 === 0 ? null : index % 90,
      `${index}.${String(index % 100).padStart(2, '0')}`,
      index % 3 !== 0,
      `2024-01-01T00:00:${String(index % 60).padStart(2, '0')}.${index % 2 === 0 ? '123456' : '5'}Z`,
      JSON.stringify({ city: `City${index % 10}`, tags: ['a', 'b'] }),
    ],
  );
  database.create('users', columns, ['id'], all);
  return database;
}

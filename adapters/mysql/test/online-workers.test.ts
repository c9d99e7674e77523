import { setTimeout as pause } from 'node:timers/promises';
import { up } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { servers } from './harness.ts';
import { killedAt } from './killed-at.ts';
import { renamed, TwoVersionsStage } from './online-harness.ts';

const rows = 1200;

describe.each(servers)('a copy by several workers on %s', { timeout: 120_000 }, (name) => {
  it('copies every row once, goes on where it was killed, and passes over what somebody holds', async () => {
    const values = Array.from(
      { length: rows },
      (_, id) => `(${id}, ${id % 300 === 7 ? 'NULL' : "'n'"}, ${id % 2 === 0 ? "'s'" : 'NULL'})`,
    );
    await using stage = await TwoVersionsStage.on(
      name,
      [
        'CREATE TABLE users (id int PRIMARY KEY, name varchar(20), street varchar(20))',
        `INSERT INTO users VALUES ${values.join(', ')}`,
        'ANALYZE TABLE users',
      ],
      {
        operations: [renamed, { type: 'add_constraint', data: { name: 'n', constraint: { kind: 'not_null', field: 'label' } } }],
        split: [{ into: 'addresses', fields: ['street'] }],
        workers: 4,
        batch_size: 50,
      },
    );
    expect(await killedAt(stage, 'rows_copied', (runner) => up(runner))).toBe('online_change.rows_copied');
    expect(await killedAt(stage, 'chunk_committed', (runner) => up(runner))).toBe('online_change.chunk_committed');
    const other = await stage.database.connect();
    await other.query('BEGIN');
    await other.query("UPDATE users SET name = 'held' WHERE id IN (3, 900)");
    let most = 0;
    let open = 0;
    const end = setTimeout(() => void other.query('COMMIT'), 3000);
    await stage.up(async (place) => {
      if (place !== 'online_change.rows_locked') return;
      most = Math.max(most, ++open);
      await pause(20);
      open--;
    });
    clearTimeout(end);
    await other.end();
    expect(most).toBeGreaterThan(1);
    expect(await stage.sql('SELECT COUNT(*) FROM users__v1')).toEqual([[rows - 4]]);
    expect(await stage.sql('SELECT label FROM users__v1 WHERE id IN (3, 900)')).toEqual([['held'], ['held']]);
    expect(await stage.sql('SELECT COUNT(*) FROM addresses')).toEqual([[rows / 2]]);
    expect(await stage.problems()).toMatchObject([{ check: 'no_refused_writes', message: expect.stringMatching(/^4 rows /) }]);
  });
});

import { down, status, up } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { migration, onStore, stores } from './stores.ts';

const postgresql = stores[0]!;

describe('SQL migrations', () => {
  it('refuse to go back without a down script before anything is taken back', async () => {
    await onStore(postgresql, async (session) => {
      const migrations = [
        migration('1', [{ type: 'run_sql', data: { up: 'CREATE TABLE a (x int)' } }]),
        migration('2', [{ type: 'create_collection', collection: 'b', data: { fields: [{ name: 'id', type: 'int32' }] } }]),
      ];
      await up({ session, migrations });
      expect((await status({ session, migrations })).migrations.map((each) => each.undo)).toEqual(['none', 'exact']);
      await expect(down({ session, migrations }, { to: '0' })).rejects.toMatchObject({ code: 'NOT_REVERSIBLE' });
      expect(Object.keys((await session.introspect()).collections).sort()).toEqual(['a', 'b']);
    });
  });

  it('leave nothing behind when a statement fails', async () => {
    await onStore(postgresql, async (session) => {
      const migrations = [
        migration('1', [
          { type: 'run_sql', data: { up: 'CREATE TABLE a (x int); INSERT INTO a VALUES (1); SELECT 1/0', down: 'DROP TABLE a' } },
        ]),
      ];
      await expect(up({ session, migrations })).rejects.toMatchObject({ name: 'PolyshiftError', exit: 1 });
      expect(Object.keys((await session.introspect()).collections)).toEqual([]);
      expect((await status({ session, migrations })).migrations[0]).toMatchObject({ state: 'failed' });
    });
  });

  it('say where the syntax is wrong before anything runs', async () => {
    await onStore(postgresql, async (session) => {
      const migrations = [migration('1', [{ type: 'run_sql', data: { up: 'CREATE TABLE a (x int);\nCRATE TABLE b (y int);' } }])];
      await expect(up({ session, migrations })).rejects.toThrow(/CRATE/);
      expect(Object.keys((await session.introspect()).collections)).toEqual([]);
    });
  });
});

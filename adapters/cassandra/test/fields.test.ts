import { afterAll, describe, expect, it } from 'vitest';
import { openStage, type Stage, Step } from './stage.ts';

const stage: Stage = await openStage();
afterAll(() => stage[Symbol.asyncDispose]());

const { session, cql } = stage;

describe('add_field', () => {
  it('takes no name that the store refuses because of a column that was dropped', async () => {
    await cql('CREATE TABLE dropped (id int PRIMARY KEY, a int)', 'ALTER TABLE dropped DROP a');
    const add = (type: string) =>
      new Step(session, { type: 'add_field', collection: 'dropped', data: { field_name: 'a', type } });
    expect(await add('text').failures()).toEqual([expect.stringContaining('a column a of the type int was dropped')]);
    expect(await add('int').failures()).toEqual([]);
  });

  it('keeps aside what the application has written into the column, and gives names their quotes', async () => {
    await cql(
      'CREATE TABLE added (id int PRIMARY KEY)',
      'INSERT INTO added (id) VALUES (1)',
      'INSERT INTO added (id) VALUES (2)',
    );
    const field_name = 'a"; drop table added; --';
    const step = new Step(session, {
      type: 'add_field',
      collection: 'added',
      data: { field_name, type: 'text', default_value: 'd' },
    });
    expect(await step.failures()).toEqual([]);
    await step.up();
    expect((await step.verify()).every(({ status }) => status === 'PASS')).toBe(true);
    await cql(`UPDATE added SET "a""; drop table added; --" = 'mine' WHERE id = 2`);
    await step.down();
    expect(await cql('SELECT * FROM added')).toEqual([{ id: 1 }, { id: 2 }]);
    expect(step.notes).toContainEqual(expect.stringContaining('1 values that were written'));
    const kept = await cql('SELECT name, value FROM polyshift_aside');
    expect(kept.filter(({ name }) => String(name).startsWith('written_'))).toHaveLength(1);
  });
});

describe('remove_field', () => {
  it('brings back the only value of a row that no INSERT has made', async () => {
    await cql(
      'CREATE TABLE single (id int PRIMARY KEY, a int, b int)',
      'UPDATE single SET a = 7 WHERE id = 1',
      'UPDATE single SET b = 8 WHERE id = 2',
    );
    const before = await session.fingerprint('single');
    const step = new Step(session, { type: 'remove_field', collection: 'single', data: { field_name: 'a' } });
    expect(await step.failures()).toEqual([]);
    await step.up();
    expect(await cql('SELECT * FROM single')).toEqual([
      { id: 1, b: null },
      { id: 2, b: 8 },
    ]);
    await step.down();
    expect(await session.fingerprint('single')).toEqual(before);
  });

  it('leaves what was deleted or written again since', async () => {
    await cql('CREATE TABLE since (id int PRIMARY KEY, a int, b int)');
    for (const id of [1, 2, 3]) await cql(`INSERT INTO since (id, a, b) VALUES (${id}, ${id}, 0)`);
    const step = new Step(session, { type: 'remove_field', collection: 'since', data: { field_name: 'a' } });
    await step.up();
    await cql('DELETE FROM since WHERE id = 1', 'ALTER TABLE since ADD a int', 'UPDATE since SET a = 22 WHERE id = 2');
    await step.down();
    const rows = await cql('SELECT id, a FROM since');
    expect(rows.sort((left, right) => Number(left['id']) - Number(right['id']))).toEqual([
      { id: 2, a: 22 },
      { id: 3, a: 3 },
    ]);
  });

  it('says what the store does not drop', async () => {
    await cql(
      'CREATE TYPE IF NOT EXISTS pair (a int, b int)',
      'CREATE TABLE parts (id int, c int, s int STATIC, u pair, PRIMARY KEY (id, c))',
    );
    const remove = (field_name: string) =>
      new Step(session, { type: 'remove_field', collection: 'parts', data: { field_name } }).failures();
    expect(await remove('c')).toEqual([expect.stringContaining('part of the key')]);
    expect(await remove('s')).toEqual([expect.stringContaining('static column')]);
    expect(await remove('u')).toEqual([expect.stringContaining('user-defined type')]);
  });
});

describe('rename_field', () => {
  it('copies what the application writes under the old name meanwhile, and takes back what it has written under the new one', async () => {
    await cql('CREATE TABLE renamed (id int PRIMARY KEY, a int)');
    for (const id of [1, 2, 3]) await cql(`INSERT INTO renamed (id, a) VALUES (${id}, ${id})`);
    const step = new Step(session, { type: 'rename_field', collection: 'renamed', data: { old_name: 'a', new_name: 'b' } });
    let written = false;
    step.fault = async (place) => {
      if (place !== 'copied' || written) return;
      written = true;
      await cql('UPDATE renamed SET a = 30 WHERE id = 3');
    };
    await step.up();
    await cql('UPDATE renamed SET b = 20 WHERE id = 2');
    await step.down();
    const rows = await cql('SELECT * FROM renamed');
    expect(rows.sort((left, right) => Number(left['id']) - Number(right['id']))).toEqual([
      { id: 1, a: 1 },
      { id: 2, a: 20 },
      { id: 3, a: 30 },
    ]);
  });
});

describe('change_type', () => {
  it('keeps what the application writes into the new table, on the way back too', async () => {
    await cql('CREATE TABLE typed (id int PRIMARY KEY, a int, b text)');
    for (const id of [1, 2, 3, 4]) await cql(`INSERT INTO typed (id, a, b) VALUES (${id}, ${id}, 'b')`);
    const step = new Step(session, { type: 'change_type', collection: 'typed', data: { field_name: 'a', to: 'text' } });
    expect(await step.failures()).toEqual([]);
    await step.up();
    expect((await step.verify()).filter(({ status }) => status !== 'PASS')).toEqual([]);
    await cql(
      "UPDATE typed SET a = '20' WHERE id = 2",
      'DELETE FROM typed WHERE id = 3',
      "INSERT INTO typed (id, a) VALUES (5, '50')",
      "UPDATE typed SET b = 'c' WHERE id = 4",
    );
    // Started again, it must not bring back what was written over or deleted.
    await step.execute();
    const read = async (name: string) =>
      (await cql(`SELECT * FROM ${name}`)).sort((left, right) => Number(left['id']) - Number(right['id']));
    expect(await read('typed')).toEqual([
      { id: 1, a: '1', b: 'b' },
      { id: 2, a: '20', b: 'b' },
      { id: 4, a: '4', b: 'c' },
      { id: 5, a: '50', b: null },
    ]);
    await cql("UPDATE typed SET a = 'x' WHERE id = 5");
    await expect(step.down()).rejects.toMatchObject({ code: 'WRITTEN_SINCE' });
    await cql("UPDATE typed SET a = '51' WHERE id = 5");
    await step.down();
    expect(await read('typed')).toEqual([
      { id: 1, a: 1, b: 'b' },
      { id: 2, a: 20, b: 'b' },
      { id: 4, a: 4, b: 'c' },
      { id: 5, a: 51, b: null },
    ]);
    await step.discard();
    expect(
      (await cql(`SELECT table_name FROM system_schema.tables WHERE keyspace_name = '${stage.store.keyspace}'`)).map(
        ({ table_name }) => table_name,
      ),
    ).not.toContainEqual(expect.stringContaining('_kept'));
  });

  it('goes back to every row when it was stopped while the new table was being filled', async () => {
    await cql('CREATE TABLE many (id int PRIMARY KEY, a int)');
    const insert = 'INSERT INTO many (id, a) VALUES (?, ?)';
    await Promise.all(Array.from({ length: 600 }, (_, id) => stage.store.client.execute(insert, [id, id], { prepare: true })));
    const before = await session.fingerprint('many');
    const step = new Step(session, { type: 'change_type', collection: 'many', data: { field_name: 'a', to: 'text' } });
    step.fault = (place) => {
      if (place === 'filled') throw new Error('killed');
    };
    await expect(step.up()).rejects.toThrow('killed');
    step.fault = () => undefined;
    await step.down();
    expect(await session.fingerprint('many')).toEqual(before);
  });

  it('names the rows whose values do not convert, and converts by an expression', async () => {
    await cql(
      'CREATE TABLE texts (id int PRIMARY KEY, a text)',
      "INSERT INTO texts (id, a) VALUES (1, '7')",
      "INSERT INTO texts (id, a) VALUES (2, 'seven')",
    );
    const plain = new Step(session, { type: 'change_type', collection: 'texts', data: { field_name: 'a', to: 'int' } });
    expect(await plain.failures()).toEqual([expect.stringContaining('1 values of a do not convert exactly to int: 2')]);
    const using = new Step(session, {
      type: 'change_type',
      collection: 'texts',
      data: { field_name: 'a', to: 'int', using: '{"$strLenCP": "$a"}' },
    });
    expect(await using.failures()).toEqual([]);
    await using.up();
    expect((await cql('SELECT a FROM texts')).map(({ a }) => a).sort()).toEqual([1, 5]);
  });
});

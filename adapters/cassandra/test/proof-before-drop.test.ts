import { afterAll, describe, expect, it } from 'vitest';
import { keptTable } from '../src/catalog/kept-table.ts';
import { openStage, type Stage, Step } from './stage.ts';

const stage: Stage = await openStage();
afterAll(() => stage[Symbol.asyncDispose]());

const { session, cql } = stage;

const retype = (collection: string) =>
  new Step(session, { type: 'change_type', collection, data: { field_name: 'n', to: 'text' } });

/** A table with three rows. */
async function numbers(name: string): Promise<void> {
  await cql(
    `CREATE TABLE ${name} (id int PRIMARY KEY, n int)`,
    ...[1, 2, 3].map((id) => `INSERT INTO ${name} (id, n) VALUES (${id}, ${id * 10})`),
  );
}

async function rowsOf(name: string): Promise<unknown[][]> {
  const rows = await cql(`SELECT id, n FROM ${name}`);
  return rows.map(({ id, n }) => [id, n]).sort((left, right) => Number(left[0]) - Number(right[0]));
}

/** Stops a step at a place, as a kill does, the nth time that it comes there. */
async function stopAt(step: Step, place: string, way: 'up' | 'down'): Promise<void> {
  step.fault = (at) => {
    if (at === place) throw new Error('stopped here');
  };
  await expect(step[way]()).rejects.toThrow('stopped here');
  step.fault = () => undefined;
}

describe('a table is compared with its copy in the run that drops it', () => {
  it('on the way up: what the application has written during an interruption is copied, and a copy that was touched is repaired', async () => {
    await numbers('up_again');
    const step = retype('up_again');
    await stopAt(step, 'proven', 'up');
    await cql(
      'INSERT INTO up_again (id, n) VALUES (4, 40)',
      'UPDATE up_again SET n = 11 WHERE id = 1',
      'DELETE FROM up_again WHERE id = 2',
      `DELETE FROM ${keptTable(step.aside)} WHERE id = 3`,
    );
    await step.execute();
    expect(await rowsOf('up_again')).toEqual([
      [1, '11'],
      [3, '30'],
      [4, '40'],
    ]);
    await step.down();
    expect(await rowsOf('up_again')).toEqual([
      [1, 11],
      [3, 30],
      [4, 40],
    ]);
    await step.discard();
  });

  it('on the way back: what the application has written during an interruption comes along', async () => {
    await numbers('down_again');
    const step = retype('down_again');
    await step.up();
    await stopAt(step, 'proven', 'down');
    await cql("INSERT INTO down_again (id, n) VALUES (4, '40')", "UPDATE down_again SET n = '11' WHERE id = 1");
    await step.down();
    expect(await rowsOf('down_again')).toEqual([
      [1, 11],
      [2, 20],
      [3, 30],
      [4, 40],
    ]);
    await step.discard();
  });

  it.each([
    ['rename_collection', { new_name: 'renamed' }, () => 'renamed'],
    ['drop_collection', {}, (step: Step) => keptTable(step.aside)],
  ] as const)('%s: a copy that was touched before a resume is repaired before the original goes', async (type, data, copyOf) => {
    const name = `copied_by_${type}`;
    await numbers(name);
    const step = new Step(session, { type, collection: name, data } as never);
    await stopAt(step, 'copied', 'up');
    await cql(`DELETE FROM ${copyOf(step)} WHERE id = 3`, `UPDATE ${copyOf(step)} SET n = 0 WHERE id = 2`);
    await cql(`INSERT INTO ${name} (id, n) VALUES (4, 40)`);
    await step.execute();
    expect(await rowsOf(copyOf(step))).toEqual([
      [1, 10],
      [2, 20],
      [3, 30],
      [4, 40],
    ]);
    expect((await session.introspect([name])).collections).toEqual({});
    await step.down();
    expect((await rowsOf(name)).length).toBe(4);
    await step.discard();
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStage, type Stage, Step } from './stage.ts';

const stage: Stage = await openStage();
afterAll(() => stage[Symbol.asyncDispose]());

const { session, store, cql } = stage;
/** So many that the node is still at work when it is asked. */
const rows = 6000;

beforeAll(async () => {
  await cql('CREATE TABLE people (id int PRIMARY KEY, mail text, city text)');
  const insert = 'INSERT INTO people (id, mail, city) VALUES (?, ?, ?)';
  for (let from = 0; from < rows; from += 1000) {
    const ids = Array.from({ length: 1000 }, (_, index) => from + index);
    await Promise.all(ids.map((id) => store.client.execute(insert, [id, `m${id}`, `c${id % 7}`], { prepare: true })));
  }
});

const view = (name: string) =>
  new Step(session, {
    type: 'create_materialized_view',
    collection: 'people',
    data: { name, partition_key: ['mail'], clustering_key: { id: 1 } },
  });
const index = (name: string) =>
  new Step(session, { type: 'create_index', collection: 'people', data: { name, keys: { city: 1 } } });

const cases = [
  {
    what: 'a materialized view',
    make: view,
    cql: 'CREATE MATERIALIZED VIEW begun AS SELECT * FROM people WHERE mail IS NOT NULL AND id IS NOT NULL PRIMARY KEY (mail, id)',
    name: 'begun',
    checks: ['view_present', 'view_built'],
  },
  {
    what: 'an index',
    make: index,
    cql: 'CREATE INDEX begun_index ON people (city)',
    name: 'begun_index',
    checks: ['index_present', 'index_built'],
  },
];

describe('what the nodes still build', () => {
  it.each(cases)('is not taken for done: $what', async ({ make, cql: text, name, checks }) => {
    const step = make(name);
    await cql(text);
    expect(statuses(await step.verify())).toEqual([
      [checks[0], 'PASS'],
      [checks[1], 'FAILED'],
    ]);
    await step.up();
    expect(statuses(await step.verify())).toEqual(checks.map((check) => [check, 'PASS']));
  });

  it('is whole when it is called done', async () => {
    await view('people_by_mail').up();
    const [counted] = await cql('SELECT count(*) AS n FROM people_by_mail');
    expect(Number(counted!['n'])).toBe(rows);
  });
});

function statuses(checks: readonly { readonly check: string; readonly status: string }[]): string[][] {
  return checks.map(({ check, status }) => [check, status]);
}

import { down, up } from '@polyshift/core';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MigratedPeople } from './migrated-people.ts';
import { atPasses, FaultStage } from './stage.ts';
import { faultStores } from './stores.ts';

const [, postgresql] = faultStores.find(([name]) => name === 'postgresql')!;

describe('migrations on a store that answers, and lets every write wait', () => {
  let stage: FaultStage;
  let people: MigratedPeople;
  let other: Client;
  beforeAll(async () => {
    stage = await FaultStage.open(postgresql);
    people = await MigratedPeople.load(stage);
    other = new Client({ connectionString: stage.targetUrl });
    await other.connect();
  });
  afterAll(async () => {
    await other?.end();
    await stage?.[Symbol.asyncDispose]();
  });

  /** Reads pass this lock, and writes wait for its end. */
  const lockAll = async (): Promise<void> => {
    const { rows } = await other.query<{ name: string }>(
      "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name FROM pg_tables WHERE schemaname !~ '^pg_|^information_schema$'",
    );
    await other.query('BEGIN');
    await other.query(`LOCK TABLE ${rows.map(({ name }) => name).join(', ')} IN EXCLUSIVE MODE`);
  };

  it.each([
    ['up', up],
    ['down', down],
  ] as const)('end %s, and go on from there', async (_name, command) => {
    const waiting = people.failing(command, atPasses('guard', { 2: lockAll }));
    expect(await waiting).toMatchObject({ code: 'CONNECTION_LOST', exit: 5 });
    await other.query('ROLLBACK');
    await command(people.runner());
    expect(await people.now()).toEqual(command === up ? people.after : people.before);
  });
});

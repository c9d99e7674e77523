import { type AnyOperationInput, printDown, up } from '@polyshift/core';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import { expect, it } from 'vitest';
import { storeOf } from '../matrix/shape-stage.ts';
import { migration } from '../runner/stores.ts';
import { openBystander, stateOf } from './bystander.ts';
import { hostileTexts } from './hostile.ts';

/** Makes a table of a name with fields of like names, changes their rows, and keeps one field aside. */
function operations(name: string): AnyOperationInput[] {
  const fields = [
    { name: 'id', type: 'int32', nullable: false },
    ...[name, `${name}2`].map((each) => ({ name: each, type: 'text' })),
  ];
  const collection = `${name}1`;
  return [
    { type: 'create_collection', collection: name, data: { fields, key: ['id'] } },
    { type: 'load', collection: name, data: { rows: [{ id: 1, [name]: name, [`${name}2`]: 'x' }, { id: 2 }], key: ['id'] } },
    { type: 'rename_collection', collection: name, data: { new_name: collection } },
    { type: 'add_field', collection, data: { field_name: `${name}3`, type: 'text', default_value: name } },
    { type: 'rename_field', collection, data: { old_name: `${name}3`, new_name: `${name}4` } },
    {
      type: 'migrate_data',
      collection,
      conditions: { [name]: name },
      data: { pipeline: [{ $set: { [name]: { $literal: `${name}5` } } }] },
    },
    { type: 'remove_field', collection, data: { field_name: `${name}2` } },
  ];
}

const clients = {
  async postgresql(url: string, script: string) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    // Whoever runs it may have a server that takes a backslash in texts for more than itself.
    await client.query('SET standard_conforming_strings = off');
    await client.query(script).finally(() => client.end());
  },
  async mysql(url: string, script: string) {
    const client = await createConnection({ uri: url, multipleStatements: true });
    await client.query(script).finally(() => client.end());
  },
};

/** What each language of scripts could take for the end of a name, a text, a comment or a block. */
const cases = [
  ['postgresql', ['double quote', 'single quote', 'backslash', 'newline', 'variables']],
  ['mysql', ['backtick', 'single quote', 'backslash', 'newline', 'variables']],
] as const;

it.each(cases)('a printed rollback over hostile names takes back in %s what it says, and nothing else', async (server, kinds) => {
  const store = storeOf(server);
  await using stage = await openBystander(store);
  const { session, url } = stage;
  const before = await stateOf(session);
  const names = kinds.map((kind) => hostileTexts[kind]);
  const migrations = [stage.migration, migration('2', names.flatMap(operations))];
  await up({ session, migrations });
  const script = await printDown({ session, migrations, capabilities: store.adapter.capabilities });
  expect(script.versions).toEqual(['2']);
  await clients[server](url, script.text);
  expect(await stateOf(session)).toEqual(before);
});

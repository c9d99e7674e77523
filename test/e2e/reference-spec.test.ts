import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freshDatabase, loadUsers } from '@polyshift/testkit';
import { MongoClient } from 'mongodb';
import pg from 'pg';
import { expect, inject, it } from 'vitest';
import { runCommand as polyshift } from '../command/command.ts';

const spec = `
name: users
source: { type: postgresql, url: "\${PG_URL}" }
target: { type: mongodb, url: "\${MONGO_URL}" }
steps:
  - { type: extract, source_table: users, conditions: { active: true }, batch_size: 5000 }
  - type: transform
    transformation_rules:
      _id: id
      full_name: { type: concatenate, fields: [first_name, last_name], separator: " " }
      metadata: { type: function, function: pack, args: [created_at, updated_at] }
  - { type: load, target_table: users, batch_size: 1000 }
`;

it('moves the users of the reference spec exactly as SQL computes them, and takes them back', async () => {
  await using source = await freshDatabase({ store: 'postgresql', url: inject('postgresqlUrl') });
  await using target = await freshDatabase({ store: 'mongodb', url: inject('mongodbUrl') });
  const folder = await mkdtemp(join(tmpdir(), 'polyshift-e2e-'));
  const client = new pg.Client({ connectionString: source.url });
  const mongo = await MongoClient.connect(target.url, { promoteLongs: false });
  try {
    await loadUsers(source.url, { rows: 20_000 });
    await writeFile(join(folder, 'users.yaml'), spec);
    const env = { PG_URL: source.url, MONGO_URL: target.url };

    const run = await polyshift(folder, env, 'etl', 'run', 'users.yaml', '--json');
    expect(run.code, run.stderr).toBe(0);
    expect(() => JSON.parse(run.stdout)).not.toThrow();

    await client.connect();
    const { rows } = await client.query<{ id: string; full_name: string; created: string; updated: string | null }>(`
      SELECT id::text, concat_ws(' ', first_name, last_name) AS full_name,
             floor(extract(epoch FROM created_at) * 1000)::bigint::text AS created,
             floor(extract(epoch FROM updated_at) * 1000)::bigint::text AS updated
      FROM users WHERE active ORDER BY users.id`);
    const documents = await mongo
      .db()
      .collection('users')
      .find({}, { sort: { _id: 1 } })
      .toArray();
    expect(documents.length).toBe(rows.length);
    for (const [index, row] of rows.entries()) {
      const document = documents[index]!;
      const metadata = document['metadata'] as { created_at: Date; updated_at: Date | null };
      expect({
        id: String(document._id),
        full_name: document['full_name'] as string,
        created: String(metadata.created_at.getTime()),
        updated: metadata.updated_at === null ? null : String(metadata.updated_at.getTime()),
      }).toEqual(row);
      expect(Object.keys(document)).toEqual(['_id', 'full_name', 'metadata']);
      expect(Object.keys(metadata)).toEqual(['created_at', 'updated_at']);
    }

    const verified = await polyshift(folder, env, 'etl', 'verify', 'users.yaml', '--json');
    expect(verified.code, verified.stderr).toBe(0);

    await mongo
      .db()
      .collection('users')
      .updateOne({ _id: documents[7]!._id }, { $set: { full_name: 'somebody else' } });
    await mongo.db().collection('users').deleteOne({ _id: documents[8]!._id });
    const different = await polyshift(folder, env, 'etl', 'verify', 'users.yaml');
    expect(different.code).toBe(1);
    expect(different.stdout + different.stderr).toContain('full_name');
    expect(different.stdout + different.stderr).toContain(String(documents[7]!._id));
    expect(different.stdout + different.stderr).toContain(String(documents[8]!._id));
    await mongo.db().collection('users').replaceOne({ _id: documents[7]!._id }, documents[7]!);
    await mongo.db().collection('users').insertOne(documents[8]!);

    const back = await polyshift(folder, env, 'etl', 'rollback', 'users.yaml', '--yes');
    expect(back.code, back.stderr).toBe(0);
    expect((await mongo.db().listCollections({ name: 'users' }).toArray()).length).toBe(0);
  } finally {
    await client.end();
    await mongo.close();
    await rm(folder, { recursive: true });
  }
});

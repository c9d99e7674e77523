import { freshDatabase } from '@polyshift/testkit';
import type {} from '@polyshift/testkit/vitest-global-setup';
import { MongoClient } from 'mongodb';
import { Client } from 'pg';
import { inject } from 'vitest';
import { type Project, temporaryProject } from './project.ts';

/** A project with one store, `main`, on a database of its own. */
export interface StoreProject extends Project {
  readonly url: string;
}

const urls = { postgresql: () => inject('postgresqlUrl'), mongodb: () => inject('mongodbUrl') };

/** The stores that the command is tested on. */
export const storeTypes = ['postgresql', 'mongodb'] as const;

/** Makes a database and a project whose only store it is. `settings` are further lines of the configuration. */
export async function storeProject(
  type: (typeof storeTypes)[number],
  files: Readonly<Record<string, string>> = {},
  settings = '',
): Promise<StoreProject> {
  const database = await freshDatabase({ store: type, url: urls[type]() }, 'cli');
  const config = `stores:\n  main:\n    type: ${type}\n    url: ${JSON.stringify(database.url)}\n${settings}`;
  const project = await temporaryProject({ 'polyshift.config.yaml': config, ...files });
  return {
    ...project,
    url: database.url,
    [Symbol.asyncDispose]: async () => {
      await project[Symbol.asyncDispose]();
      await database.drop();
    },
  };
}

/** Runs SQL and gives its rows. */
export async function sql<Row extends object>(url: string, text: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const result = await client.query<Row>(text);
    return result.rows;
  } finally {
    await client.end();
  }
}

/** Does something with a MongoDB database. */
export async function withMongo<Result>(
  url: string,
  work: (database: ReturnType<MongoClient['db']>) => Promise<Result>,
): Promise<Result> {
  const client = new MongoClient(url);
  try {
    return await work(client.db());
  } finally {
    await client.close();
  }
}

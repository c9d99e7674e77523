import { startContainer } from './docker.ts';
import { mongodbDatabases } from './mongodb-database.ts';
import { startMongodbProcess } from './mongodb-process.ts';
import { startMongodbStandIn } from './mongodb-stand-in.ts';
import type { ServerRecipe } from './server.ts';

const image = 'mongo:8';

/**
 * MongoDB: `MONGO_URL`, the container `mongo:8` as a replica set, a genuine mongod that `mongodb-memory-server` has or can
 * download, or else the stand-in of this package.
 */
export const mongodbRecipe: ServerRecipe = {
  product: 'MongoDB',
  urlVariable: 'MONGO_URL',
  image,
  async describe(url) {
    const { MongoClient } = await import('mongodb');
    const client = new MongoClient(url, { serverSelectionTimeoutMS: 10_000 });
    try {
      const info = await client.db('admin').command({ buildInfo: 1 });
      return `MongoDB ${info['version']}`;
    } finally {
      await client.close();
    }
  },
  databases: mongodbDatabases,
  async startContainer(options) {
    // The member is known by its name inside the container, which does not resolve here: hence directConnection.
    const initiate = "rs.initiate({ _id: 'rs0', members: [{ _id: 0, host: 'localhost:27017' }] })";
    const primary = 'while (!db.hello().isWritablePrimary) sleep(100)';
    const parameters = Object.entries(options.settings ?? {}).flatMap(([name, value]) => ['--setParameter', `${name}=${value}`]);
    return await startContainer({
      store: 'mongodb',
      image,
      containerPort: 27017,
      port: options.port,
      command: ['mongod', '--replSet', 'rs0', '--bind_ip_all', ...parameters],
      readyLine: /Waiting for connections/,
      afterStart: ['mongosh', '--quiet', '--eval', `${initiate}; ${primary}`],
      url: (host, port) => `mongodb://${host}:${port}/?directConnection=true`,
      describe: mongodbRecipe.describe,
    });
  },
  processes: [
    { way: 'mongodb-memory-server', kind: 'native', start: startMongodbProcess },
    { way: 'stand-in (packages/testkit/mongodb-standin)', kind: 'stand_in', start: startMongodbStandIn },
  ],
};

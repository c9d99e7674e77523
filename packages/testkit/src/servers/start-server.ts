import { cassandraRecipe } from './cassandra.ts';
import { whyNoContainerEngine } from './docker.ts';
import { dynamodbRecipe } from './dynamodb.ts';
import { elasticsearchRecipe } from './elasticsearch.ts';
import { reasonOf, ServerUnavailableError } from './errors.ts';
import { mariadbRecipe } from './mariadb.ts';
import { mongodbRecipe } from './mongodb.ts';
import { mysqlRecipe } from './mysql.ts';
import { postgresqlRecipe } from './postgresql.ts';
import { redisRecipe } from './redis.ts';
import type { RefusedWay, ServerKind, ServerOptions, ServerRecipe, ServerStore, TestServer } from './server.ts';

/** How each store is had. A store that is added to {@link ServerStore} does not compile until it has a recipe here. */
export const servers = {
  postgresql: postgresqlRecipe,
  mysql: mysqlRecipe,
  mariadb: mariadbRecipe,
  mongodb: mongodbRecipe,
  dynamodb: dynamodbRecipe,
  cassandra: cassandraRecipe,
  redis: redisRecipe,
  elasticsearch: elasticsearchRecipe,
} satisfies Record<ServerStore, ServerRecipe>;

/**
 * Gives a running server of a store: the one the environment names (`PG_URL`, `REDIS_URL` and so on), else a container where an
 * engine answers, else the genuine server as a child process, else a stand-in. A URL that is set but does not answer is an
 * error, since the person asked for that server.
 *
 * ```ts
 * await using server = await startServer('postgresql');
 * const client = new Client(server.url);
 * ```
 * @param store The store to start.
 * @param options Port, data folder, settings and the kinds that will do.
 * @throws ServerUnavailableError with every way that was tried and why it failed. Nothing is left running.
 */
export async function startServer(store: ServerStore, options: ServerOptions = {}): Promise<TestServer> {
  const recipe: ServerRecipe = servers[store];
  const kinds = new Set<ServerKind>(options.kinds ?? ['environment', 'docker', 'native', 'stand_in']);
  const env = options.env ?? process.env;
  const refused: RefusedWay[] = [];
  const hint = `Set ${recipe.urlVariable} to the URL of a server, or make one of these ways possible.`;

  const url = env[recipe.urlVariable];
  if (kinds.has('environment') && url) {
    try {
      return environmentServer(store, url, `${await recipe.describe(url)}, from ${recipe.urlVariable}`);
    } catch (error) {
      const reason = `does not answer: ${reasonOf(error)}`;
      const advice = `Correct ${recipe.urlVariable}, or unset it to have a server started.`;
      throw new ServerUnavailableError(recipe.product, [{ way: recipe.urlVariable, reason }], advice, { cause: error });
    }
  }
  if (kinds.has('docker')) {
    const way = `Docker (${recipe.image})`;
    const reason = await whyNoContainerEngine(env);
    if (reason === undefined) {
      try {
        return await recipe.startContainer(options);
      } catch (error) {
        refused.push({ way, reason: reasonOf(error) });
      }
    } else {
      refused.push({ way, reason });
    }
  }
  for (const candidate of recipe.processes) {
    if (!kinds.has(candidate.kind)) continue;
    try {
      return { ...(await candidate.start(options)), refused };
    } catch (error) {
      refused.push({ way: candidate.way, reason: reasonOf(error) });
    }
  }
  throw new ServerUnavailableError(recipe.product, refused, hint);
}

/** A server of somebody else: it is used, and never stopped. */
function environmentServer(store: ServerStore, url: string, description: string): TestServer {
  const stop = async (): Promise<void> => {};
  return { store, url, kind: 'environment', description, refused: [], stop, [Symbol.asyncDispose]: stop };
}

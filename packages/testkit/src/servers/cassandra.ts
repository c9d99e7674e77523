import { withCassandra } from './cassandra-connection.ts';
import { cassandraDatabases } from './cassandra-database.ts';
import { cassandraFeatures, startCassandraProcess } from './cassandra-process.ts';
import { startContainer } from './docker.ts';
import type { ServerRecipe } from './server.ts';

const image = 'cassandra:5';

/** Cassandra: `CASSANDRA_URL`, the container `cassandra:5`, or Cassandra 5.0 from Maven. */
export const cassandraRecipe: ServerRecipe = {
  product: 'Cassandra',
  urlVariable: 'CASSANDRA_URL',
  image,
  async describe(url) {
    const { rows } = await withCassandra(url, (client) => client.execute('SELECT release_version FROM system.local'));
    return `Cassandra ${rows[0]?.['release_version'] ?? ''}`.trim();
  },
  databases: cassandraDatabases,
  async startContainer(options) {
    const settings = Object.entries({ ...cassandraFeatures, ...options.settings });
    // Of a setting that stands twice, Cassandra takes the last.
    const append = `printf '%s\\n' "$@" >> /etc/cassandra/cassandra.yaml && exec docker-entrypoint.sh cassandra -f`;
    return await startContainer({
      store: 'cassandra',
      image,
      containerPort: 9042,
      port: options.port,
      environment: {
        MAX_HEAP_SIZE: '512M',
        HEAP_NEWSIZE: '128M',
        JVM_EXTRA_OPTS: '-XX:TieredStopAtLevel=1 -Dcassandra.ring_delay_ms=0 -Dcassandra.skip_wait_for_gossip_to_settle=0',
      },
      command: ['bash', '-c', append, 'bash', ...settings.map(([name, value]) => `${name}: ${value}`)],
      readyLine: /Starting listening for CQL clients/,
      url: (host, port) => `cassandra://${host}:${port}?local_datacenter=datacenter1`,
      describe: cassandraRecipe.describe,
    });
  },
  processes: [{ way: 'Cassandra from Maven (Java 17)', kind: 'native', start: startCassandraProcess }],
};

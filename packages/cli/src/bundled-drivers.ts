/** The package of the driver that each adapter in the bundle brings into it, by the adapter's package. */
export const drivers: Readonly<Record<string, string>> = {
  '@polyshift/cassandra': 'cassandra-driver',
  '@polyshift/dynamodb': '@aws-sdk/client-dynamodb',
  '@polyshift/elasticsearch': '@elastic/elasticsearch',
  '@polyshift/mongodb': 'mongodb',
  '@polyshift/mysql': 'mysql2',
  '@polyshift/postgresql': 'pg',
  '@polyshift/redis': 'ioredis',
};

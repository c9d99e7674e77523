import cassandra from '@polyshift/cassandra';
import type { Adapter } from '@polyshift/core';
import dynamodb from '@polyshift/dynamodb';
import elasticsearch from '@polyshift/elasticsearch';
import mongodb from '@polyshift/mongodb';
import mysql from '@polyshift/mysql';
import postgresql from '@polyshift/postgresql';
import redis from '@polyshift/redis';

/** A store of the matrix: an adapter on one kind of server. */
export interface MatrixStore {
  /** The server: MySQL and MariaDB are two. */
  readonly server: 'postgresql' | 'mysql' | 'mariadb' | 'mongodb' | 'dynamodb' | 'cassandra' | 'redis' | 'elasticsearch';
  readonly adapter: Adapter;
}

/** Every store that polyshift has an adapter for. */
export const matrixStores: readonly MatrixStore[] = [
  { server: 'postgresql', adapter: postgresql },
  { server: 'mysql', adapter: mysql },
  { server: 'mariadb', adapter: mysql },
  { server: 'mongodb', adapter: mongodb },
  { server: 'dynamodb', adapter: dynamodb },
  { server: 'cassandra', adapter: cassandra },
  { server: 'redis', adapter: redis },
  { server: 'elasticsearch', adapter: elasticsearch },
];

/** The field that identifies a row of the corpus in a store. */
export function keyOf(adapter: Adapter): string {
  return adapter.capabilities.key_field ?? 'id';
}

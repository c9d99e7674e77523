import type { MatrixStore } from '../../matrix/stores.ts';
import { openCassandraWriter } from './cassandra.ts';
import { openDynamodbWriter } from './dynamodb.ts';
import { openElasticsearchWriter } from './elasticsearch.ts';
import { openMongodbWriter } from './mongodb.ts';
import { openMysqlWriter } from './mysql.ts';
import { openPostgresqlWriter } from './postgresql.ts';
import { openRedisWriter } from './redis.ts';
import type { OpenWriter } from './writer.ts';

/** How an application writes to each server. */
export const openWriter: Readonly<Record<MatrixStore['server'], OpenWriter>> = {
  postgresql: openPostgresqlWriter,
  mysql: openMysqlWriter,
  mariadb: openMysqlWriter,
  mongodb: openMongodbWriter,
  dynamodb: openDynamodbWriter,
  cassandra: openCassandraWriter,
  redis: openRedisWriter,
  elasticsearch: openElasticsearchWriter,
};

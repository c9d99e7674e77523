import type { storeNames } from '@polyshift/core';

/** The stores that `init` can write a start for. */
export type StarterType = (typeof storeNames)[number];

/** What a project of a store begins with. */
interface Starter {
  /** The environment variable that the configuration takes the URL from. */
  readonly variable: string;
  /** An example of the URL. */
  readonly url: string;
  /** What a collection is called there. */
  readonly collection: 'collection' | 'table' | 'index';
  /** The `data` of the create_collection of the first migration. */
  readonly data: string;
  /** What the first migration does then. */
  readonly next: { readonly what: string; readonly operation: string };
}

/** Columns; `active` is what stands behind the type of that column. */
const fields = (email: string, active = ''): string => `    data:
      fields:
        - { name: id, type: int64, nullable: false }
        - { name: name, type: text }
        - { name: email, type: ${email} }
        - { name: active, type: boolean${active} }
      key: [id]`;

const withDefault = ', default_value: true';

const index = (more = ''): Starter['next'] => ({
  what: 'with an index',
  operation: `  - type: create_index
    collection: people
    data: { name: people_email, keys: { email: 1 }${more} }`,
});

/** By the type of the store. */
export const starters: Readonly<Record<StarterType, Starter>> = {
  mongodb: {
    variable: 'MONGO_URL',
    url: 'mongodb://127.0.0.1:27017/app',
    collection: 'collection',
    data: '    data: {}',
    next: index(', unique: true'),
  },
  postgresql: {
    variable: 'PG_URL',
    url: 'postgresql://app@127.0.0.1:5432/app',
    collection: 'table',
    data: fields('text', withDefault),
    next: index(', unique: true'),
  },
  mysql: {
    variable: 'MYSQL_URL',
    url: 'mysql://app@127.0.0.1:3306/app',
    collection: 'table',
    data: fields('varchar(200)', withDefault),
    next: index(', unique: true'),
  },
  cassandra: {
    variable: 'CASSANDRA_URL',
    url: 'cassandra://127.0.0.1:9042/app?local_datacenter=datacenter1',
    collection: 'table',
    data: fields('text'),
    next: index(', method: sai'),
  },
  dynamodb: {
    variable: 'DYNAMODB_URL',
    url: 'dynamodb://?region=eu-central-1&table_prefix=app_',
    collection: 'table',
    data: `    data:
      fields:
        - { name: id, type: int64, nullable: false }
        - { name: email, type: text }
      key: [id]`,
    next: index(),
  },
  redis: {
    variable: 'REDIS_URL',
    url: 'redis://127.0.0.1:6379/0?key_prefix=app:',
    collection: 'collection',
    data: fields('text'),
    next: index(', unique: true'),
  },
  elasticsearch: {
    variable: 'ELASTICSEARCH_URL',
    url: 'http://127.0.0.1:9200/?index_prefix=app_',
    collection: 'index',
    data: fields('text'),
    next: {
      what: 'with one more field',
      operation: `  - type: add_field
    collection: people
    data: { field_name: born, type: date }`,
    },
  },
};

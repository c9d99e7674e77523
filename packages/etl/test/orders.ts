import { beforeEach } from 'vitest';
import type { LoadedSpec, SpecInput } from '../src/index.ts';
import { type TwoStores, twoStores } from './two-stores.ts';

/** The checks of a spec. */
export type Checks = NonNullable<SpecInput['checks']>;

/** Orders of people in PostgreSQL, of which 60 of 70 are open, to be loaded as bills into MongoDB. */
export interface Orders {
  readonly stores: TwoStores;
  /** Orders that are open, with their totals as `amount`, into `bills`. */
  spec(checks: Checks | undefined): LoadedSpec;
  /** How many bills there are. */
  bills(): Promise<number>;
  /** The collections of the target but for the journal's. */
  collections(): Promise<string[]>;
}

/** Makes the orders anew for each test of a file. */
export function orders(): Orders {
  const stores = twoStores();
  beforeEach(async () => {
    await stores.sql.query(`
      CREATE TABLE people (id int PRIMARY KEY);
      INSERT INTO people SELECT generate_series(1, 5);
      CREATE TABLE orders (id int PRIMARY KEY, person int, total numeric(10, 2), open boolean NOT NULL);
      INSERT INTO orders SELECT i, CASE WHEN i <> 7 THEN i % 6 END, i * 0.1, i <= 60 FROM generate_series(1, 70) AS i`);
  });
  return {
    stores,
    spec: (checks) =>
      stores.spec({
        ...(checks ? { checks } : {}),
        steps: [
          { type: 'extract', source_table: 'orders', conditions: { open: true }, batch_size: 20 },
          { type: 'transform', transformation_rules: { _id: 'id', amount: 'total', who: 'person' } },
          { type: 'load', target_table: 'bills', batch_size: 10 },
        ],
      }),
    bills: () => stores.documents.collection('bills').countDocuments(),
    collections: async () =>
      (await stores.documents.listCollections().toArray())
        .map(({ name }) => name)
        .filter((name) => !name.startsWith('schema_versions')),
  };
}

/** The sum of the totals of the first orders, as checks say it. */
export function totalOf(count: number): string {
  return ((count * (count + 1)) / 20).toFixed(1).replace(/\.0$/, '');
}

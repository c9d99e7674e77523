import { cassandra } from '@polyshift/cassandra';
import { freshDatabase } from '@polyshift/testkit';
import { conformance } from '@polyshift/testkit/conformance';
import { sharedServer } from '@polyshift/testkit/vitest';
import { scenarios } from './scenarios.ts';

const server = await sharedServer('cassandra');

conformance(
  cassandra,
  { fresh: () => freshDatabase(server, 'conformance') },
  {
    queries: () => ({
      mail: 'SELECT mail, name FROM items WHERE id = 1',
      nothing: 'SELECT mail FROM items WHERE id = -1; -- nobody',
      writes: [
        'DELETE FROM items WHERE id = 1',
        'TRUNCATE items',
        'SELECT mail FROM items; DROP TABLE items',
        'UPDATE items SET mail = null WHERE id = 1',
        '',
      ],
    }),
    unreachable_url: 'cassandra://user:geheim@127.0.0.1:9/ks',
    scenarios,
    // An index of Cassandra is neither unique nor partial.
    replace: ['create_index'],
    kill_points: 2,
    sequences: 4,
  },
);

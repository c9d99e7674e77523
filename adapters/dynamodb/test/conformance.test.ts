import { dynamodb } from '@polyshift/dynamodb';
import { freshDatabase } from '@polyshift/testkit';
import { conformance } from '@polyshift/testkit/conformance';
import { sharedServer } from '@polyshift/testkit/vitest';
import { scenarios } from './scenarios.ts';
import { values } from './value-corpus.ts';

const server = await sharedServer('dynamodb');

conformance(
  dynamodb,
  { fresh: () => freshDatabase(server, 'conformance') },
  {
    scenarios,
    values,
    replace: ['create_index', 'change_type'],
    kill_points: 3,
    sequences: 4,
    queries: (url) => {
      const table = `"${new URL(url).searchParams.get('table_prefix') ?? ''}items"`;
      return {
        mail: `SELECT mail FROM ${table} WHERE id = 1`,
        nothing: `select mail from ${table} where id = -1`,
        writes: [
          `DELETE FROM ${table} WHERE id = 1`,
          `UPDATE ${table} SET mail = 'x' WHERE id = 1`,
          `INSERT INTO ${table} VALUE {'id': 1}`,
          ` SELECT mail FROM ${table}; DELETE FROM ${table} WHERE id = 1`,
        ],
      };
    },
    unreachable_url: 'dynamodb://key:no_secret_here@127.0.0.1:9?region=local',
  },
);

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
    unreachable_url: 'dynamodb://key:no_secret_here@127.0.0.1:9?region=local',
  },
);

import { redis } from '@polyshift/redis';
import { freshDatabase } from '@polyshift/testkit';
import { conformance } from '@polyshift/testkit/conformance';
import { sharedServer } from '@polyshift/testkit/vitest';
import { scenarios } from './scenarios.ts';

const server = await sharedServer('redis');

conformance(
  redis,
  { fresh: () => freshDatabase(server, 'conformance') },
  {
    // Half of a surrogate pair has no UTF-8 form.
    values: [{ type: { kind: 'text' }, values: ['\ud800'] }],
    unreachable_url: 'redis://user:geheim@127.0.0.1:9/0',
    scenarios,
    kill_points: 3,
    sequences: 4,
  },
);

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
    unreachable_url: 'redis://user:geheim@127.0.0.1:9/0',
    scenarios,
    cut_points: 12,
    values: [{ type: { kind: 'text' }, values: ['\ud800'] }],
  },
);

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
    queries: (url) => {
      const prefix = new URL(url).searchParams.get('key_prefix') ?? '';
      const script = `"redis.call('DEL', KEYS[1])"`;
      return {
        mail: `HGET "${prefix}items:1" mail`,
        nothing: `hget ${prefix}items:1 nothing`,
        writes: [
          `DEL ${prefix}items:1`,
          `HSET ${prefix}items:1 mail x`,
          `GETEX ${prefix}items:1`,
          'FLUSHDB',
          `EVAL ${script} 1 ${prefix}items:1`,
          `EVAL_RO ${script} 1 ${prefix}items:1`,
          'CONFIG SET maxmemory 1',
          'GET "a',
        ],
      };
    },
    unreachable_url: 'redis://user:geheim@127.0.0.1:9/0',
    scenarios,
    kill_points: 3,
    sequences: 4,
  },
);

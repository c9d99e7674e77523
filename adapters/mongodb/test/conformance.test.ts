import { mongodb } from '@polyshift/mongodb';
import { freshDatabase } from '@polyshift/testkit';
import { conformance } from '@polyshift/testkit/conformance';
import type {} from '@polyshift/testkit/vitest-global-setup';
import { inject } from 'vitest';
import { scenarios } from './scenarios.ts';
import { throughProxy } from './through-proxy.ts';

conformance(
  mongodb,
  { fresh: () => freshDatabase({ store: 'mongodb', url: inject('mongodbUrl') }, 'conformance') },
  {
    key: '_id',
    queries: () => ({
      mail: '{"aggregate": "items", "pipeline": [{"$match": {"_id": 1}}, {"$project": {"mail": 1}}]}',
      nothing: '{"aggregate": "items", "pipeline": [{"$match": {"_id": -1}}]}',
      writes: [
        '{"aggregate": "items", "pipeline": [{"$match": {"_id": 1}}, {"$out": "items"}]}',
        '{"delete": "items", "deletes": []}',
        '{"drop": "items"}',
      ],
    }),
    unreachable_url: 'mongodb://user:geheim@127.0.0.1:9/db',
    scenarios,
    kill_points: 4,
    through_proxy: throughProxy,
  },
);

import { mongodb } from '@polyshift/mongodb';
import { freshDatabase } from '@polyshift/testkit';
import { conformance } from '@polyshift/testkit/conformance';
import type {} from '@polyshift/testkit/vitest-global-setup';
import { inject } from 'vitest';
import { connect } from '../src/adapter.ts';
import { scenarios } from './scenarios.ts';
import { throughProxy } from './through-proxy.ts';

// The same suite, held against the ways that the adapter goes on servers without transactions and update pipelines.
const adapter: typeof mongodb = {
  ...mongodb,
  connect: (url, options) => connect(url, options, ['transactions', 'pipeline_updates', 'snapshot_reads']),
};

conformance(
  adapter,
  { fresh: () => freshDatabase({ store: 'mongodb', url: inject('mongodbUrl') }, 'plain') },
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
    scenarios: { ...scenarios, merge_pipeline: scenarios.merge_pipeline.slice(0, 1) },
    kill_points: 3,
    sequences: 3,
    through_proxy: throughProxy,
  },
);

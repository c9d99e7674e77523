import { mongodb } from '@polyshift/mongodb';
import { freshDatabase } from '@polyshift/testkit';
import { conformance } from '@polyshift/testkit/conformance';
import type {} from '@polyshift/testkit/vitest-global-setup';
import { inject } from 'vitest';
import { connect } from '../src/adapter.ts';
import { options } from './conformance-options.ts';
import { scenarios } from './scenarios.ts';

// The same suite, held against the ways that the adapter goes on servers without transactions and update pipelines.
const adapter: typeof mongodb = {
  ...mongodb,
  connect: (url, options) => connect(url, options, ['transactions', 'pipeline_updates', 'snapshot_reads']),
};

conformance(
  adapter,
  { fresh: () => freshDatabase({ store: 'mongodb', url: inject('mongodbUrl') }, 'plain') },
  {
    ...options,
    scenarios: { ...scenarios, merge_pipeline: scenarios.merge_pipeline.slice(0, 1) },
    kill_points: 3,
    sequences: 3,
  },
);

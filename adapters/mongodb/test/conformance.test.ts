import { mongodb } from '@polyshift/mongodb';
import { freshDatabase } from '@polyshift/testkit';
import { conformance } from '@polyshift/testkit/conformance';
import type {} from '@polyshift/testkit/vitest-global-setup';
import { inject } from 'vitest';
import { options } from './conformance-options.ts';
import { scenarios } from './scenarios.ts';

conformance(
  mongodb,
  { fresh: () => freshDatabase({ store: 'mongodb', url: inject('mongodbUrl') }, 'conformance') },
  {
    ...options,
    scenarios,
    kill_points: 4,
  },
);

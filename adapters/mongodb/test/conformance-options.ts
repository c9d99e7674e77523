import type { ConformanceOptions } from '@polyshift/testkit/conformance';
import { throughProxy } from './through-proxy.ts';

/** What both ways of the adapter are held to, with transactions and without. */
export const options = {
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
  through_proxy: throughProxy,
} satisfies ConformanceOptions;

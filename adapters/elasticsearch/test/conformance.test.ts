import { elasticsearch } from '@polyshift/elasticsearch';
import { freshDatabase } from '@polyshift/testkit';
import { conformance } from '@polyshift/testkit/conformance';
import { sharedServer } from '@polyshift/testkit/vitest';
import { scenarios } from './scenarios.ts';

const server = await sharedServer('elasticsearch');

conformance(
  elasticsearch,
  { fresh: () => freshDatabase(server, 'conformance') },
  {
    queries: () => ({
      mail: '{"search": "items", "body": {"query": {"ids": {"values": ["1"]}}, "_source": ["mail"]}}',
      nothing: '{"search": "items", "body": {"query": {"ids": {"values": ["-1"]}}}}',
      writes: [
        '{"delete_by_query": "items", "body": {"query": {"match_all": {}}}}',
        '{"search": "items/_delete_by_query", "body": {"query": {"match_all": {}}}}',
        '{"search": "items", "method": "DELETE"}',
        '{"search": "../items"}',
      ],
    }),
    unreachable_url: 'http://user:geheim@127.0.0.1:9/?index_prefix=none_',
    scenarios,
    replace: ['drop_collection', 'rename_collection'],
    kill_points: 3,
    sequences: 4,
  },
);

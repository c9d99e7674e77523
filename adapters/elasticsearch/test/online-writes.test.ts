import { elasticsearch } from '@polyshift/elasticsearch';
import { describe, it } from 'vitest';
import { proveOnlineWrites } from '../../../packages/adapter-kit/test/online-writes.ts';

describe('writes of both versions through an online change', { timeout: 600_000 }, () => {
  it.each(['finalize', 'down'] as const)('none fails and none is lost, to the end by %s', (end) =>
    proveOnlineWrites({ server: 'elasticsearch', adapter: elasticsearch }, end),
  );
});

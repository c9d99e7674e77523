import type { Capabilities } from '@polyshift/core';

const no = { supported: false, reason: 'not carried yet at all' } as const;
export const capabilities: Capabilities = {
  store: 'cassandra',
  title: 'Cassandra',
  operations: Object.fromEntries((await import('@polyshift/core')).operationTypes.map((t) => [t, no])) as never,
  transactions: 'none',
  validation: 'stored',
  fixed_columns: true,
  nested: true,
  source: true,
  sink: true,
  limits: { batch_rows: 100_000, batch_bytes: 16_777_216, row_bytes: 16_777_216 },
};

import type { Batch, Source, SourceBatch, SourceQuery, SourceScan } from '@polyshift/core';
import type { Join } from '../spec/join.ts';
import type { SourceRejection } from '../transform/transform-batch.ts';

/** A batch with the rows that cannot be loaded because of what they refer to. */
export interface JoinedBatch extends SourceBatch {
  readonly refused?: readonly SourceRejection[];
}

/** A scan whose rows have those of other tables with them. */
export interface JoinedScan extends SourceScan {
  read(...parameters: Parameters<SourceScan['read']>): AsyncIterable<JoinedBatch>;
}

/** A join, or the question whether a joined row is there at all. */
export type JoinOf = Omit<Join, 'kind' | 'joins'> & {
  readonly kind: Join['kind'] | 'exists';
  readonly joins?: readonly Join[] | undefined;
};

/** What joins have made of a batch. */
export interface JoinedRows {
  readonly batch: Batch;
  readonly refused: readonly SourceRejection[];
}

/** Opens a scan with joins; joins of joins are opened by it, too. */
export type OpenJoined = (source: Source, query: SourceQuery, joins: readonly JoinOf[]) => Promise<JoinedScan>;

import { request } from '../http/request.ts';
import type { Store } from '../store.ts';

interface ShardStats {
  readonly routing: { readonly primary: boolean };
  readonly seq_no: { readonly max_seq_no: number; readonly local_checkpoint: number };
}

/** How far the writes of an index are, shard by shard. */
export interface SequenceNumbers {
  /** The numbers up to which every write is done. */
  readonly done: readonly number[];
  /** The highest numbers that were given out. */
  readonly highest: readonly number[];
}

/** Reads the sequence numbers of an index's primary shards. */
export async function sequenceNumbers(store: Store, index: string): Promise<SequenceNumbers> {
  const answer = await request<{ indices: Record<string, { shards: Record<string, ShardStats[]> }> }>(
    store,
    'GET',
    [index, '_stats', 'docs'],
    { query: { level: 'shards', filter_path: 'indices.*.shards.*.seq_no,indices.*.shards.*.routing' } },
  );
  const shards = Object.entries(answer.indices[index]!.shards)
    .map(([number, copies]) => ({ number: Number(number), primary: copies.find(({ routing }) => routing.primary)! }))
    .sort((left, right) => left.number - right.number);
  return {
    done: shards.map(({ primary }) => primary.seq_no.local_checkpoint),
    highest: shards.map(({ primary }) => primary.seq_no.max_seq_no),
  };
}

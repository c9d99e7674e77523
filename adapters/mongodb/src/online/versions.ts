import type { Mapping } from './mapping.ts';
import type { Part } from './parts.ts';
import type { OnlineState } from './state.ts';

/** Two versions to be kept in step, by the names that their collections have now. */
export interface Versions {
  readonly old: string;
  readonly new: string;
  /** The other collections that hold fields of either version. */
  readonly parts: readonly Part[];
  readonly ledger: string;
  readonly state: string;
  readonly mapping: Mapping;
  /** The identities of the collections, as they were when the new version was made. */
  readonly identity: Pick<OnlineState, 'old_uuid' | 'new_uuid' | 'part_uuids'>;
}

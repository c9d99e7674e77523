import type { Lease } from '@polyshift/core';
import type { EtlDependencies, FaultPlace } from '../dependencies.ts';
import type { EmitEtl } from '../events.ts';
import type { EtlRecords } from '../journal/records.ts';
import type { RetryPolicy } from '../retry.ts';
import type { LoadedSpec } from '../spec/load-spec.ts';
import type { Prepared } from './prepare.ts';
import type { OpenStores } from './stores.ts';

/** What one attempt at a run works with, under its lock. */
export interface Attempt {
  readonly loaded: LoadedSpec;
  readonly dependencies: EtlDependencies;
  readonly stores: OpenStores;
  readonly prepared: Prepared;
  readonly records: EtlRecords;
  readonly lease: Lease;
  readonly emit: EmitEtl;
  readonly policy: RetryPolicy;
  readonly signal: AbortSignal;
  readonly now: () => Date;
  readonly fault: (place: FaultPlace) => Promise<void>;
  /** Told to the caller also when the attempt fails. */
  readonly progress: {
    begun: boolean;
    rows: number;
    /** Whether indexes of a target may not be there: dropped for the load, and not all built again. */
    indexes_dropped: boolean;
  };
}

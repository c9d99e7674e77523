import type { Adapter } from '@polyshift/core';
import { describe } from 'vitest';
import { capabilityProperties } from './capability-properties.ts';
import { declarationProperties } from './declaration.ts';
import { errorProperties } from './error-properties.ts';
import { journalProperties } from './journal-properties.ts';
import { keptProperties } from './kept-properties.ts';
import { reportLeftToDo } from './left-to-do.ts';
import { lockProperties } from './lock-properties.ts';
import { operationProperties } from './operation-properties.ts';
import type { ConformanceOptions, ConformanceServer } from './options.ts';
import { printProperties } from './print-properties.ts';
import { queryProperties } from './query-properties.ts';
import { randomProperties } from './random-properties.ts';
import { sequenceProperties } from './sequence-properties.ts';
import { sinkProperties } from './sink-properties.ts';
import { sourceProperties } from './source-properties.ts';
import { valueProperties } from './value-properties.ts';

export type { ConnectionCutter } from './connection-cutter.ts';
export { type LeasedRun, leasedRun } from './leased-run.ts';
export type { ConformanceOptions, ConformanceServer, QueryExamples, Scenario } from './options.ts';
export { type StoreState, storeState } from './store-state.ts';
export type { CorpusEntry } from './value-corpus.ts';
export { sameValue } from './value-equivalence.ts';

/**
 * Registers with vitest what every adapter must hold, run against its real server. Groups run by what the adapter declares, and the
 * declaration itself is held against what is there: nothing can be switched off by saying less.
 */
export function conformance(adapter: Adapter, server: ConformanceServer, options: ConformanceOptions): void {
  describe(`conformance of ${adapter.store}`, () => {
    reportLeftToDo(adapter);
    declarationProperties(adapter, server, options);
    errorProperties(adapter, server, options);
    journalProperties(adapter, server, options);
    lockProperties(adapter, server);
    if (adapter.capabilities.source && adapter.capabilities.sink) sourceProperties(adapter, server, options);
    if (adapter.capabilities.sink) sinkProperties(adapter, server, options);
    if (adapter.capabilities.sink) capabilityProperties(adapter, server, options);
    if (adapter.capabilities.source && adapter.capabilities.sink) valueProperties(adapter, server, options);
    if (adapter.capabilities.sink) queryProperties(adapter, server, options);
    operationProperties(adapter, server, options);
    sequenceProperties(adapter, server, options);
    printProperties(adapter, server, options);
    if (adapter.capabilities.sink) keptProperties(adapter, server, options);
    if (adapter.capabilities.sink) randomProperties(adapter, server, options);
  });
}

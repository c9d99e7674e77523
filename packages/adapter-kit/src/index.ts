export type { DocumentTest } from './conditions/compile-conditions.ts';
export { compileConditions } from './conditions/compile-conditions.ts';
export type { FingerprintOptions } from './fingerprint.ts';
export { fingerprintOf } from './fingerprint.ts';
export type {
  AsideEntry,
  AsideStore,
  FieldChange,
  FieldEdit,
  KeyedRow,
  RawRow,
  RowBatchOf,
  RowCodec,
  RowFailure,
  RowKey,
  RowScan,
  RowStore,
  RowWrite,
  WriteOutcome,
} from './row-store.ts';

export type { RowChange } from './change/apply-change.ts';
export { applyChange } from './change/apply-change.ts';
export type { IncomingRow, RowsTarget } from './change/apply-rows.ts';
export { applyRows } from './change/apply-rows.ts';
export { contentOf, rowHash, rowText } from './change/content.ts';
export { keyList, keyText } from './change/key-text.ts';
export { restoreImages } from './change/restore-images.ts';
export { rowAfter } from './change/row-after.ts';
export { fieldIs, rowDifference, sameRow } from './change/row-difference.ts';
export { verifyImages } from './change/verify-images.ts';
export type { DocumentTest } from './conditions/compile-conditions.ts';
export { compileConditions } from './conditions/compile-conditions.ts';
export { copyRows, sameRows } from './copy/copy-rows.ts';
export type { CollectionMover } from './copy/move-collection.ts';
export { dropByCopy, renameByCopy } from './copy/move-collection.ts';
export type { ToError } from './errors/translate-errors.ts';
export { translateErrors } from './errors/translate-errors.ts';
export type { FingerprintOptions } from './fingerprint.ts';
export { fingerprintOf } from './fingerprint.ts';
export { groupsWithin } from './groups-within.ts';
export { jsonBatch, jsonRowEncoder, keyedJsonRow } from './json-rows/json-batch.ts';
export { jsonCodec, jsonRow, jsonRowOf, jsonRowText } from './json-rows/json-codec.ts';
export type { JsonSourceStore } from './json-rows/json-source.ts';
export { jsonSource } from './json-rows/json-source.ts';
export { jsonTypes } from './json-rows/json-types.ts';
export { valueFromJson, valueToJson } from './json-rows/json-value.ts';
export { leftToDo, undecided } from './left-to-do.ts';
export { onlineChange } from './online/online-change.ts';
export type { OnlineStore } from './online/online-store.ts';
export { addField } from './operations/add-field.ts';
export { changeType } from './operations/change-type.ts';
export { createCollection } from './operations/create-collection.ts';
export { editDocument } from './operations/edit-document.ts';
export type { CollectionMaker } from './operations/extract.ts';
export { extract } from './operations/extract.ts';
export { isBlocked, setAt, unsetAt } from './operations/field-path.ts';
export { load } from './operations/load.ts';
export { migrateData } from './operations/migrate-data.ts';
export { removeField } from './operations/remove-field.ts';
export { renameField } from './operations/rename-field.ts';
export type { RowAction, RowHandler, RowOperations } from './operations/row-operations.ts';
export { asideName, documentsOf, isNoKey, isThere, plannedRows } from './operations/row-operations.ts';
export type { StoredValidation, ValidationStore } from './operations/stored-validation.ts';
export { enforcedViolations, storedValidation } from './operations/stored-validation.ts';
export type { Survey } from './operations/survey.ts';
export { noneFound, survey } from './operations/survey.ts';
export { compilePipeline, pipelineFields } from './pipeline/compile-pipeline.ts';
export { keptByKit, keptName, strayPlaces } from './records/measure-aside.ts';
export { recordAside } from './records/record-aside.ts';
export { recordJournal } from './records/record-journal.ts';
export { recordLocks } from './records/record-locks.ts';
export type { RecordCondition, RecordEntry, RecordRange, RecordStore } from './records/record-store.ts';
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
export { countDocuments, documentPages } from './scan-documents.ts';
export { keyedSink } from './sink/keyed-sink.ts';
export type { InsertRows, RowEncoder, SinkStore } from './sink/sink-store.ts';
export { compileValidation } from './validation/compile-validation.ts';
export { valueAt } from './values/field-path.ts';

export type { Adapter, ConnectOptions, ServerInfo, StoreSession } from './adapter/adapter.ts';
export { defineAdapter } from './adapter/adapter.ts';
export type { Batch, Column, DocumentBatch, RowBatch, SourceBatch } from './adapter/batch.ts';
export { batchSize, portableColumn } from './adapter/batch.ts';
export { beginAgain } from './adapter/begin-again.ts';
export type { Capabilities, Supported, TypeTarget, Unsupported } from './adapter/capabilities.ts';
export { type ChunkLimits, chunkMs, nextChunkSize } from './adapter/chunk-size.ts';
export type { OperationHandler, OperationHandlers, PlanContext, PlannedStep } from './adapter/handler.ts';
export type {
  CheckpointRecord,
  HistoryRecord,
  JournalKind,
  JournalRecords,
  JournalStore,
  LockHolder,
  LockRecord,
  LockStore,
  MigrationState,
  RunRecord,
  StepRecord,
  StepState,
} from './adapter/journal-store.ts';
export { journalFormat } from './adapter/journal-store.ts';
export { type KeptAside, keptSum } from './adapter/kept-aside.ts';
export type { ScriptGuard, ScriptStep, ScriptSupport, ScriptWriter, StepScript } from './adapter/rollback-script.ts';
export type { Fence, Progress, RunContext } from './adapter/run-context.ts';
export { sideBySide } from './adapter/side-by-side.ts';
export type {
  EncodedBatch,
  IndexPlan,
  KeptIndex,
  LoadUndo,
  Loss,
  RejectedRow,
  Sink,
  SinkIndexes,
  SinkTarget,
  SinkWriter,
  TargetField,
  WriteResult,
} from './adapter/sink.ts';
export type { Partition, ReadOptions, Source, SourceDescription, SourceQuery, SourceScan } from './adapter/source.ts';
export type { StoreName } from './adapter/store-name.ts';
export { storeNames } from './adapter/store-name.ts';
export type { StepPlace, TwoVersions, TwoVersionsState } from './adapter/two-versions.ts';
export { cameToEnd } from './checks/came-to-end.ts';
export { changedRowChecks } from './checks/changed-rows.ts';
export type { Check, CheckStatus } from './checks/check.ts';
export { checkThat, fail, pass, warn } from './checks/check.ts';
export type { CheckDefinition, CheckDefinitionInput, Expectation } from './checks/check-definition.ts';
export { checkDefinitionSchema } from './checks/check-definition.ts';
export { checksFailed, failedOf } from './checks/checks-failed.ts';
export { columnSum, type SummedField } from './checks/column-sum.ts';
export type { CheckReader, CustomCheck } from './checks/custom-check.ts';
export type { FoundRows } from './checks/found-rows.ts';
export { listExamples } from './checks/found-rows.ts';
export { type CheckOutcome, checkOf, checkReader, customOutcome, runCheck, runChecks } from './checks/run-check.ts';
export { distinctValues } from './checks/value-sets.ts';
export { valuesConverted } from './checks/values-converted.ts';
export { checkDocument } from './document/check-document.ts';
export type { SourceDocument } from './document/document.ts';
export { importModule, moduleDocument, parseSourceDocument, pathText, readSourceDocument } from './document/document.ts';
export { expandEnvironment } from './document/expand-environment.ts';
export { nearest } from './document/nearest.ts';
export { shareModules } from './document/shared-modules.ts';
export type { ErrorCode } from './errors/codes.ts';
export { errorEntries } from './errors/codes.ts';
export type { ErrorEntry } from './errors/error-entry.ts';
export type { ExitCode } from './errors/exit-codes.ts';
export { exitCodes } from './errors/exit-codes.ts';
export { keepSecrets } from './errors/known-secrets.ts';
export { maskSecrets, maskValue } from './errors/mask.ts';
export { isNetworkError } from './errors/network-error.ts';
export type { ErrorDetails, ErrorPlace } from './errors/polyshift-error.ts';
export { isPolyshiftError, PolyshiftError } from './errors/polyshift-error.ts';
export type { Amendment } from './journal/amendments.ts';
export { History } from './journal/history.ts';
export type { LeaseOptions } from './journal/lease.ts';
export { defaultLeaseMs, Lease } from './journal/lease.ts';
export { pause } from './journal/pause.ts';
export { type Watch, whileAnswering } from './journal/while-answering.ts';
export { migrationChecksum, stableJson } from './migration/checksum.ts';
export { migrationJsonSchema, operationJsonSchema } from './migration/json-schema.ts';
export { loadMigrations, migrationFileName, migrationOf, runsInTransaction } from './migration/load-migrations.ts';
export type { Migration, MigrationChecks, MigrationInput } from './migration/migration.ts';
export { defineMigration } from './migration/migration.ts';
export { checkOperation, parseOperation } from './migration/parse-operation.ts';
export { compareVersions, sameVersion } from './migration/version.ts';
export type { Constraint } from './operation/add-constraint.ts';
export type { ComparisonOperator, ConditionNode, Conditions } from './operation/condition.ts';
export { comparisonOperators, conditionFields, conditionsSchema, parseConditions } from './operation/condition.ts';
export { innerOperations } from './operation/inner-operations.ts';
export { defaultNewCollection } from './operation/new-collection.ts';
export { warnOfWorkers } from './operation/one-worker.ts';
export { onlineChangeTypes } from './operation/online-change.ts';
export type { MigrationOperation, OperationDefinition, OperationInput, Risk } from './operation/operation.ts';
export { defaultBatchSize, nameSchema } from './operation/operation.ts';
export type { OperationFactories } from './operation/operations.ts';
export { operations } from './operation/operations.ts';
export type { AnyOperationInput, Operation, OperationData, OperationType } from './operation/registry.ts';
export { isOperationType, operationRegistry, operationTypes } from './operation/registry.ts';
export { partsOf, refuseParts } from './operation/split-merge.ts';
export type { BaselineRequest } from './runner/baseline.ts';
export { baseline } from './runner/baseline.ts';
export type { DownRequest } from './runner/choose-down.ts';
export { doctor } from './runner/doctor.ts';
export { down } from './runner/down.ts';
export type { Emit, RunEvent, StepName } from './runner/events.ts';
export { type FaultHook, faultHook } from './runner/fault-hook.ts';
export type { FinalizeRequest } from './runner/finalize.ts';
export { finalize } from './runner/finalize.ts';
export type {
  FinalizedMigration,
  FinalizedOperation,
  FinalizeReason,
  FinalizeReport,
  KeptMigration,
} from './runner/finalize-report.ts';
export { planUp } from './runner/plan.ts';
export type { DownScript, PrintOptions } from './runner/print-down.ts';
export { printDown } from './runner/print-down.ts';
export type { RepairRequest } from './runner/repair.ts';
export { repair } from './runner/repair.ts';
export type {
  DoctorReport,
  MigrationReport,
  MigrationStatus,
  OperationPlan,
  PlanReport,
  RunReport,
  StatusReport,
  VerifyReport,
} from './runner/reports.ts';
export { isRetryable, retryPause } from './runner/retry.ts';
export { migrationLock } from './runner/run.ts';
export type { RunnerOptions, UndoLimits } from './runner/runner-options.ts';
export { status } from './runner/status.ts';
export { unlock } from './runner/unlock.ts';
export type { UpRequest } from './runner/up.ts';
export { up } from './runner/up.ts';
export { verify } from './runner/verify.ts';
export type { Difference } from './schema/difference.ts';
export { differences } from './schema/difference.ts';
export type { Fingerprint } from './schema/fingerprint.ts';
export { sameFingerprint } from './schema/fingerprint.ts';
export type { CollectionSchema, ConstraintSchema, FieldSchema, IndexSchema, StoreSchema } from './schema/store-schema.ts';
export { applyToSchema } from './schema/virtual-schema.ts';
export { throttleFileVariable, throttleFromEnvironment } from './throttle/from-environment.ts';
export type { GivenThrottle, ThrottleInForce } from './throttle/in-force.ts';
export { readThrottle } from './throttle/in-force.ts';
export { clearThrottle, keepThrottle } from './throttle/journaled.ts';
export { measureThrottle, type ThrottleMeasurement, whyWaiting } from './throttle/measure.ts';
export type { Pressure } from './throttle/pressure.ts';
export {
  type ThrottleName,
  type ThrottleSettings,
  type ThrottleSource,
  throttleNames,
  throttleSchema,
} from './throttle/settings.ts';
export { Throttle, type ThrottleWait } from './throttle/throttle.ts';
export { canonicalText, documentText } from './value/canonical.ts';
export { castTargets, castValue, digitsOf, isInteger, isNumeric, isTime, literalOf, parseJson } from './value/cast.ts';
export { ConversionError, LossRefusedError, shortened } from './value/conversion-error.ts';
export { compareDecimals, decimalArithmetic, parseDecimal, roundDecimal } from './value/decimal.ts';
export { SetDigest } from './value/digest.ts';
export { dateText, isInfinite, parseTimestamp, timestampText } from './value/instant.ts';
export type { JsonObject, JsonValue } from './value/json.ts';
export { jsonOf } from './value/json-form.ts';
export { ownValue } from './value/own-value.ts';
export { dynamicOfPlain, plainOf } from './value/plain-value.ts';
export type { PortableType, TypeKind, TypeReference } from './value/portable-type.ts';
export { portableTypeOf, simpleKinds, typeReference, typeText } from './value/portable-type.ts';
export type { PortableDocument, PortableRange, PortableValue } from './value/portable-value.ts';
export { dynamicType, isInt32, Tagged, toDynamic } from './value/portable-value.ts';
export { scalarText } from './value/value-text.ts';
export { type FollowRequest, type FollowRound, follow } from './versions/follow.ts';
export { type SwitchReport, type SwitchRequest, switchVersions } from './versions/switch.ts';
export type { Side, Traffic, TrafficRecord } from './versions/traffic.ts';
export type { CollectionVersions, VersionsStatus } from './versions/versions-status.ts';

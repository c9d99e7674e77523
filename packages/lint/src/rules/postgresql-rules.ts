import type { PostgresqlRule } from '../postgresql/rule.ts';
import { addingCheckConstraint } from './postgresql/adding-check-constraint.ts';
import { addingColumnWithReference } from './postgresql/adding-column-with-reference.ts';
import { addingConstraintToDomain } from './postgresql/adding-constraint-to-domain.ts';
import { addingEnumValue } from './postgresql/adding-enum-value.ts';
import { addingExclusionConstraint } from './postgresql/adding-exclusion-constraint.ts';
import { addingForeignKey } from './postgresql/adding-foreign-key.ts';
import { addingNotNullColumn } from './postgresql/adding-not-null-column.ts';
import { addingPrimaryKey } from './postgresql/adding-primary-key.ts';
import { addingSerialColumn } from './postgresql/adding-serial-column.ts';
import { addingStoredGeneratedColumn } from './postgresql/adding-stored-generated-column.ts';
import { addingUniqueConstraint } from './postgresql/adding-unique-constraint.ts';
import { addingVolatileDefault } from './postgresql/adding-volatile-default.ts';
import { alteringSequence } from './postgresql/altering-sequence.ts';
import { attachingPartition } from './postgresql/attaching-partition.ts';
import { changingAccessMethod } from './postgresql/changing-access-method.ts';
import { changingAllRows } from './postgresql/changing-all-rows.ts';
import { changingColumnType } from './postgresql/changing-column-type.ts';
import { changingCompositeType } from './postgresql/changing-composite-type.ts';
import { changingDefault } from './postgresql/changing-default.ts';
import { changingFunctionOrViewOptions } from './postgresql/changing-function-or-view-options.ts';
import { changingGeneratedExpression } from './postgresql/changing-generated-expression.ts';
import { changingIdentity } from './postgresql/changing-identity.ts';
import { changingInheritance } from './postgresql/changing-inheritance.ts';
import { changingPersistence } from './postgresql/changing-persistence.ts';
import { changingReplicaIdentity } from './postgresql/changing-replica-identity.ts';
import { changingRowSecurity } from './postgresql/changing-row-security.ts';
import { changingRowsAfterDdl } from './postgresql/changing-rows-after-ddl.ts';
import { changingServerSettings } from './postgresql/changing-server-settings.ts';
import { charType } from './postgresql/char-type.ts';
import { columnAlignment } from './postgresql/column-alignment.ts';
import { concurrentlyInTransaction } from './postgresql/concurrently-in-transaction.ts';
import { creatingDomainWithConstraint } from './postgresql/creating-domain-with-constraint.ts';
import { creatingIndex } from './postgresql/creating-index.ts';
import { creatingPartition } from './postgresql/creating-partition.ts';
import { creatingTrigger } from './postgresql/creating-trigger.ts';
import { detachingPartition } from './postgresql/detaching-partition.ts';
import { disablingTrigger } from './postgresql/disabling-trigger.ts';
import { droppingColumn } from './postgresql/dropping-column.ts';
import { droppingConstraint } from './postgresql/dropping-constraint.ts';
import { droppingDatabase } from './postgresql/dropping-database.ts';
import { droppingDefault } from './postgresql/dropping-default.ts';
import { droppingExtension } from './postgresql/dropping-extension.ts';
import { droppingFunction } from './postgresql/dropping-function.ts';
import { droppingIndex } from './postgresql/dropping-index.ts';
import { droppingNotNull } from './postgresql/dropping-not-null.ts';
import { droppingPolicy } from './postgresql/dropping-policy.ts';
import { droppingSchema } from './postgresql/dropping-schema.ts';
import { droppingSequence } from './postgresql/dropping-sequence.ts';
import { droppingTable } from './postgresql/dropping-table.ts';
import { droppingTableWithForeignKeys } from './postgresql/dropping-table-with-foreign-keys.ts';
import { droppingTrigger } from './postgresql/dropping-trigger.ts';
import { droppingType } from './postgresql/dropping-type.ts';
import { droppingView } from './postgresql/dropping-view.ts';
import { duplicateColumn } from './postgresql/duplicate-column.ts';
import { enumValueOrder } from './postgresql/enum-value-order.ts';
import { foreignKeyWithoutIndex } from './postgresql/foreign-key-without-index.ts';
import { hashIndex } from './postgresql/hash-index.ts';
import { identifierTooLong } from './postgresql/identifier-too-long.ts';
import { indexCorruption } from './postgresql/index-corruption.ts';
import { jsonType } from './postgresql/json-type.ts';
import { lockingSeveralTables } from './postgresql/locking-several-tables.ts';
import { lockingTable } from './postgresql/locking-table.ts';
import { losingIndex } from './postgresql/losing-index.ts';
import { mismatchedReferenceType } from './postgresql/mismatched-reference-type.ts';
import { missingLockTimeout } from './postgresql/missing-lock-timeout.ts';
import { missingStatementTimeout } from './postgresql/missing-statement-timeout.ts';
import { movingToTablespace } from './postgresql/moving-to-tablespace.ts';
import { nestedTransaction } from './postgresql/nested-transaction.ts';
import { notRepeatable } from './postgresql/not-repeatable.ts';
import { opaqueBlock } from './postgresql/opaque-block.ts';
import { primaryKeyOnNullableColumn } from './postgresql/primary-key-on-nullable-column.ts';
import { refreshingMaterializedView } from './postgresql/refreshing-materialized-view.ts';
import { reindexing } from './postgresql/reindexing.ts';
import { renamingColumn } from './postgresql/renaming-column.ts';
import { renamingObject } from './postgresql/renaming-object.ts';
import { renamingTable } from './postgresql/renaming-table.ts';
import { replacingIndex } from './postgresql/replacing-index.ts';
import { replacingTable } from './postgresql/replacing-table.ts';
import { replacingViewOrFunction } from './postgresql/replacing-view-or-function.ts';
import { restrictingWrites } from './postgresql/restricting-writes.ts';
import { revoking } from './postgresql/revoking.ts';
import { rewritingTable } from './postgresql/rewriting-table.ts';
import { serialType } from './postgresql/serial-type.ts';
import { settingNotNull } from './postgresql/setting-not-null.ts';
import { settingSchema } from './postgresql/setting-schema.ts';
import { severalForeignKeys } from './postgresql/several-foreign-keys.ts';
import { shortInteger } from './postgresql/short-integer.ts';
import { shortKey } from './postgresql/short-key.ts';
import { tableWithoutPrimaryKey } from './postgresql/table-without-primary-key.ts';
import { timestampWithoutZone } from './postgresql/timestamp-without-zone.ts';
import { truncatingTable } from './postgresql/truncating-table.ts';
import { uncommittedTransaction } from './postgresql/uncommitted-transaction.ts';
import { unloggedTable } from './postgresql/unlogged-table.ts';
import { unqualifiedName } from './postgresql/unqualified-name.ts';
import { updatingExtension } from './postgresql/updating-extension.ts';
import { validatingUnderLock } from './postgresql/validating-under-lock.ts';
import { varcharLimit } from './postgresql/varchar-limit.ts';
import { wideIndex } from './postgresql/wide-index.ts';

/** The rules over statements for PostgreSQL, by code. */
export const postgresqlRules = {
  PG001: addingNotNullColumn,
  PG002: addingVolatileDefault,
  PG003: addingSerialColumn,
  PG004: addingStoredGeneratedColumn,
  PG005: settingNotNull,
  PG006: changingColumnType,
  PG007: creatingIndex,
  PG008: droppingIndex,
  PG009: concurrentlyInTransaction,
  PG010: addingForeignKey,
  PG011: addingColumnWithReference,
  PG012: addingCheckConstraint,
  PG013: addingUniqueConstraint,
  PG014: addingPrimaryKey,
  PG015: primaryKeyOnNullableColumn,
  PG016: addingExclusionConstraint,
  PG017: validatingUnderLock,
  PG018: changingPersistence,
  PG019: movingToTablespace,
  PG020: changingAccessMethod,
  PG021: rewritingTable,
  PG022: reindexing,
  PG023: refreshingMaterializedView,
  PG024: attachingPartition,
  PG025: detachingPartition,
  PG026: creatingTrigger,
  PG027: disablingTrigger,
  PG028: lockingTable,
  PG029: truncatingTable,
  PG030: changingAllRows,
  PG031: changingRowsAfterDdl,
  PG032: missingLockTimeout,
  PG033: missingStatementTimeout,
  PG034: severalForeignKeys,
  PG035: droppingTableWithForeignKeys,
  PG036: lockingSeveralTables,
  PG037: indexCorruption,
  PG038: replacingIndex,
  PG039: changingGeneratedExpression,
  PG040: creatingPartition,
  PG101: droppingColumn,
  PG102: droppingTable,
  PG103: droppingSchema,
  PG104: droppingDatabase,
  PG105: renamingTable,
  PG106: renamingColumn,
  PG107: renamingObject,
  PG108: droppingView,
  PG109: droppingFunction,
  PG110: droppingTrigger,
  PG111: droppingType,
  PG112: droppingSequence,
  PG113: droppingConstraint,
  PG114: droppingDefault,
  PG115: droppingNotNull,
  PG116: droppingExtension,
  PG117: droppingPolicy,
  PG118: settingSchema,
  PG119: changingDefault,
  PG120: changingIdentity,
  PG121: replacingViewOrFunction,
  PG122: revoking,
  PG123: changingRowSecurity,
  PG124: changingReplicaIdentity,
  PG125: changingInheritance,
  PG126: alteringSequence,
  PG127: changingServerSettings,
  PG128: updatingExtension,
  PG129: restrictingWrites,
  PG130: addingEnumValue,
  PG131: changingCompositeType,
  PG132: changingFunctionOrViewOptions,
  PG133: losingIndex,
  PG134: replacingTable,
  PG135: creatingDomainWithConstraint,
  PG136: addingConstraintToDomain,
  PG201: charType,
  PG202: varcharLimit,
  PG203: timestampWithoutZone,
  PG204: shortKey,
  PG205: shortInteger,
  PG206: serialType,
  PG207: jsonType,
  PG208: hashIndex,
  PG209: wideIndex,
  PG210: enumValueOrder,
  PG211: identifierTooLong,
  PG212: duplicateColumn,
  PG213: notRepeatable,
  PG214: unqualifiedName,
  PG215: nestedTransaction,
  PG216: uncommittedTransaction,
  PG217: mismatchedReferenceType,
  PG218: columnAlignment,
  PG219: foreignKeyWithoutIndex,
  PG220: opaqueBlock,
  PG221: unloggedTable,
  PG222: tableWithoutPrimaryKey,
} as const satisfies Readonly<Record<string, PostgresqlRule>>;

import type { OperationRule } from '../operations/rule.ts';
import type { PostgresqlRule } from '../postgresql/rule.ts';
import type { RuleHead } from '../rule.ts';
import { ignoreUnknownRule } from './lint/ignore-unknown-rule.ts';
import { ignoreWithoutReason } from './lint/ignore-without-reason.ts';
import { invalidDocument } from './lint/invalid-document.ts';
import { syntaxError } from './lint/syntax-error.ts';
import { unusedIgnore } from './lint/unused-ignore.ts';
import { addingCheckConstraint } from './postgresql/adding-check-constraint.ts';
import { addingColumnWithReference } from './postgresql/adding-column-with-reference.ts';
import { addingExclusionConstraint } from './postgresql/adding-exclusion-constraint.ts';
import { addingForeignKey } from './postgresql/adding-foreign-key.ts';
import { addingNotNullColumn } from './postgresql/adding-not-null-column.ts';
import { addingPrimaryKey } from './postgresql/adding-primary-key.ts';
import { addingSerialColumn } from './postgresql/adding-serial-column.ts';
import { addingStoredGeneratedColumn } from './postgresql/adding-stored-generated-column.ts';
import { addingUniqueConstraint } from './postgresql/adding-unique-constraint.ts';
import { addingVolatileDefault } from './postgresql/adding-volatile-default.ts';
import { attachingPartition } from './postgresql/attaching-partition.ts';
import { changingAccessMethod } from './postgresql/changing-access-method.ts';
import { changingAllRows } from './postgresql/changing-all-rows.ts';
import { changingColumnType } from './postgresql/changing-column-type.ts';
import { changingGeneratedExpression } from './postgresql/changing-generated-expression.ts';
import { changingPersistence } from './postgresql/changing-persistence.ts';
import { changingRowsAfterDdl } from './postgresql/changing-rows-after-ddl.ts';
import { concurrentlyInTransaction } from './postgresql/concurrently-in-transaction.ts';
import { creatingIndex } from './postgresql/creating-index.ts';
import { creatingPartition } from './postgresql/creating-partition.ts';
import { creatingTrigger } from './postgresql/creating-trigger.ts';
import { detachingPartition } from './postgresql/detaching-partition.ts';
import { disablingTrigger } from './postgresql/disabling-trigger.ts';
import { droppingIndex } from './postgresql/dropping-index.ts';
import { droppingTableWithForeignKeys } from './postgresql/dropping-table-with-foreign-keys.ts';
import { indexCorruption } from './postgresql/index-corruption.ts';
import { lockingSeveralTables } from './postgresql/locking-several-tables.ts';
import { lockingTable } from './postgresql/locking-table.ts';
import { missingLockTimeout } from './postgresql/missing-lock-timeout.ts';
import { missingStatementTimeout } from './postgresql/missing-statement-timeout.ts';
import { movingToTablespace } from './postgresql/moving-to-tablespace.ts';
import { primaryKeyOnNullableColumn } from './postgresql/primary-key-on-nullable-column.ts';
import { refreshingMaterializedView } from './postgresql/refreshing-materialized-view.ts';
import { reindexing } from './postgresql/reindexing.ts';
import { replacingIndex } from './postgresql/replacing-index.ts';
import { rewritingTable } from './postgresql/rewriting-table.ts';
import { settingNotNull } from './postgresql/setting-not-null.ts';
import { severalForeignKeys } from './postgresql/several-foreign-keys.ts';
import { truncatingTable } from './postgresql/truncating-table.ts';
import { validatingUnderLock } from './postgresql/validating-under-lock.ts';

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
} as const satisfies Readonly<Record<string, PostgresqlRule>>;

/** The rules over operations of migrations, by code. */
export const operationRules: Readonly<Record<string, OperationRule>> = {};

/** What is said of the files themselves, by code. */
export const fileRules = {
  LN001: syntaxError,
  LN002: invalidDocument,
  LN003: ignoreWithoutReason,
  LN004: ignoreUnknownRule,
  LN005: unusedIgnore,
} as const satisfies Readonly<Record<string, RuleHead>>;

/** Every rule, in the order of the reference. */
export const allRules: readonly RuleHead[] = [
  ...Object.values(postgresqlRules),
  ...Object.values(operationRules),
  ...Object.values(fileRules),
];

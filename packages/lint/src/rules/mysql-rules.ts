import type { MysqlRule } from '../mysql/rule.ts';
import { addingAutoIncrementColumn } from './mysql/adding-auto-increment-column.ts';
import { addingCheckConstraint } from './mysql/adding-check-constraint.ts';
import { addingColumnRebuilds } from './mysql/adding-column-rebuilds.ts';
import { addingColumnWithExpressionDefault } from './mysql/adding-column-with-expression-default.ts';
import { addingForeignKey } from './mysql/adding-foreign-key.ts';
import { addingFulltextIndex } from './mysql/adding-fulltext-index.ts';
import { addingNotNullColumn } from './mysql/adding-not-null-column.ts';
import { addingPrimaryKey } from './mysql/adding-primary-key.ts';
import { addingSpatialIndex } from './mysql/adding-spatial-index.ts';
import { addingStoredGeneratedColumn } from './mysql/adding-stored-generated-column.ts';
import { addingUniqueIndex } from './mysql/adding-unique-index.ts';
import { askingForCopy } from './mysql/asking-for-copy.ts';
import { changingAllRows } from './mysql/changing-all-rows.ts';
import { changingColumnType } from './mysql/changing-column-type.ts';
import { changingDefault } from './mysql/changing-default.ts';
import { changingEngine } from './mysql/changing-engine.ts';
import { changingEnumValues } from './mysql/changing-enum-values.ts';
import { changingServerSettings } from './mysql/changing-server-settings.ts';
import { changingSetValues } from './mysql/changing-set-values.ts';
import { convertingCharacterSet } from './mysql/converting-character-set.ts';
import { creatingTrigger } from './mysql/creating-trigger.ts';
import { definitionInTransaction } from './mysql/definition-in-transaction.ts';
import { discardingTablespace } from './mysql/discarding-tablespace.ts';
import { droppingColumn } from './mysql/dropping-column.ts';
import { droppingColumnRebuilds } from './mysql/dropping-column-rebuilds.ts';
import { droppingConstraint } from './mysql/dropping-constraint.ts';
import { droppingDatabase } from './mysql/dropping-database.ts';
import { droppingDefault } from './mysql/dropping-default.ts';
import { droppingIndex } from './mysql/dropping-index.ts';
import { droppingObject } from './mysql/dropping-object.ts';
import { droppingPartition } from './mysql/dropping-partition.ts';
import { droppingPrimaryKey } from './mysql/dropping-primary-key.ts';
import { droppingTable } from './mysql/dropping-table.ts';
import { engineWithoutTransactions } from './mysql/engine-without-transactions.ts';
import { floatType } from './mysql/float-type.ts';
import { identifierTooLong } from './mysql/identifier-too-long.ts';
import { inlineReferences } from './mysql/inline-references.ts';
import { lengtheningVarchar } from './mysql/lengthening-varchar.ts';
import { lockingTables } from './mysql/locking-tables.ts';
import { losingColumnAttributes } from './mysql/losing-column-attributes.ts';
import { mismatchedReferenceType } from './mysql/mismatched-reference-type.ts';
import { missingLockWaitTimeout } from './mysql/missing-lock-wait-timeout.ts';
import { notAskingForOnline } from './mysql/not-asking-for-online.ts';
import { rebuildingTable } from './mysql/rebuilding-table.ts';
import { renamingColumn } from './mysql/renaming-column.ts';
import { renamingTable } from './mysql/renaming-table.ts';
import { reorderingRows } from './mysql/reordering-rows.ts';
import { repartitioning } from './mysql/repartitioning.ts';
import { replacingTable } from './mysql/replacing-table.ts';
import { restrictingWrites } from './mysql/restricting-writes.ts';
import { settingNotNull } from './mysql/setting-not-null.ts';
import { severalRebuilds } from './mysql/several-rebuilds.ts';
import { shortKey } from './mysql/short-key.ts';
import { switchingChecksOff } from './mysql/switching-checks-off.ts';
import { tableWithoutPrimaryKey } from './mysql/table-without-primary-key.ts';
import { threeByteUtf8 } from './mysql/three-byte-utf8.ts';
import { timestampType } from './mysql/timestamp-type.ts';
import { truncatingTable } from './mysql/truncating-table.ts';
import { uncommittedTransaction } from './mysql/uncommitted-transaction.ts';
import { wideIndex } from './mysql/wide-index.ts';

/** The rules over statements for MySQL and MariaDB, by code. */
export const mysqlRules = {
  MY001: addingNotNullColumn,
  MY002: inlineReferences,
  MY003: changingColumnType,
  MY004: lengtheningVarchar,
  MY005: settingNotNull,
  MY006: losingColumnAttributes,
  MY007: addingStoredGeneratedColumn,
  MY008: addingAutoIncrementColumn,
  MY009: addingColumnWithExpressionDefault,
  MY010: addingColumnRebuilds,
  MY011: droppingColumnRebuilds,
  MY012: addingUniqueIndex,
  MY013: addingFulltextIndex,
  MY014: addingSpatialIndex,
  MY015: addingPrimaryKey,
  MY016: droppingPrimaryKey,
  MY017: addingForeignKey,
  MY018: addingCheckConstraint,
  MY019: convertingCharacterSet,
  MY020: changingEngine,
  MY021: rebuildingTable,
  MY022: repartitioning,
  MY023: droppingPartition,
  MY024: askingForCopy,
  MY025: notAskingForOnline,
  MY026: missingLockWaitTimeout,
  MY027: definitionInTransaction,
  MY028: uncommittedTransaction,
  MY029: changingAllRows,
  MY030: lockingTables,
  MY031: truncatingTable,
  MY032: severalRebuilds,
  MY033: reorderingRows,
  MY034: discardingTablespace,
  MY035: creatingTrigger,
  MY036: changingServerSettings,
  MY037: switchingChecksOff,
  MY110: changingEnumValues,
  MY120: changingSetValues,
  MY201: droppingColumn,
  MY202: droppingTable,
  MY203: droppingDatabase,
  MY204: renamingTable,
  MY205: renamingColumn,
  MY206: droppingObject,
  MY207: droppingIndex,
  MY208: droppingConstraint,
  MY209: droppingDefault,
  MY210: changingDefault,
  MY211: replacingTable,
  MY212: restrictingWrites,
  MY301: shortKey,
  MY302: timestampType,
  MY303: floatType,
  MY304: threeByteUtf8,
  MY305: engineWithoutTransactions,
  MY306: tableWithoutPrimaryKey,
  MY307: wideIndex,
  MY308: identifierTooLong,
  MY309: mismatchedReferenceType,
} as const satisfies Readonly<Record<string, MysqlRule>>;

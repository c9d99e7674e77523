import type { OperationRule } from '../operations/rule.ts';
import { addingDroppedColumnAgain } from './cassandra/adding-dropped-column-again.ts';
import { copyingTable } from './cassandra/copying-table.ts';
import { materializedView } from './cassandra/materialized-view.ts';
import { pilingUpTombstones } from './cassandra/piling-up-tombstones.ts';
import { secondaryIndex } from './cassandra/secondary-index.ts';
import { changingKey } from './dynamodb/changing-key.ts';
import { hotPartition } from './dynamodb/hot-partition.ts';
import { indexCapacity } from './dynamodb/index-capacity.ts';
import { projectingEverything } from './dynamodb/projecting-everything.ts';
import { scanningTable } from './dynamodb/scanning-table.ts';
import { severalIndexChanges } from './dynamodb/several-index-changes.ts';
import { switchingBillingMode } from './dynamodb/switching-billing-mode.ts';
import { dynamicMapping } from './elasticsearch/dynamic-mapping.ts';
import { fielddata } from './elasticsearch/fielddata.ts';
import { raisingFieldLimit } from './elasticsearch/raising-field-limit.ts';
import { reindexing } from './elasticsearch/reindexing.ts';
import { shardsAndReplicas } from './elasticsearch/shards-and-replicas.ts';
import { templateWithoutPriority } from './elasticsearch/template-without-priority.ts';
import { textWithoutKeyword } from './elasticsearch/text-without-keyword.ts';
import { cappingCollection } from './mongodb/capping-collection.ts';
import { droppingIndexUnseen } from './mongodb/dropping-index-unseen.ts';
import { expiringDocuments } from './mongodb/expiring-documents.ts';
import { manyIndexes } from './mongodb/many-indexes.ts';
import { mergingOntoItself } from './mongodb/merging-onto-itself.ts';
import { requiredFieldNotFilled } from './mongodb/required-field-not-filled.ts';
import { strictValidation } from './mongodb/strict-validation.ts';
import { uniqueHashedIndex } from './mongodb/unique-hashed-index.ts';
import { uniqueIndexInUse } from './mongodb/unique-index-in-use.ts';
import { wildcardOrTextIndex } from './mongodb/wildcard-or-text-index.ts';
import { changeTypeBreaksReaders } from './operations/change-type-breaks-readers.ts';
import { constraintWithoutCheck } from './operations/constraint-without-check.ts';
import { dropCollectionBreaksReaders } from './operations/drop-collection-breaks-readers.ts';
import { removeFieldBreaksReaders } from './operations/remove-field-breaks-readers.ts';
import { renameCollectionBreaksReaders } from './operations/rename-collection-breaks-readers.ts';
import { renameFieldBreaksReaders } from './operations/rename-field-breaks-readers.ts';
import { requiredFieldWithoutDefault } from './operations/required-field-without-default.ts';
import { scriptWithoutWayBack } from './operations/script-without-way-back.ts';
import { changingEncodingInUse } from './redis/changing-encoding-in-use.ts';
import { largeBatch } from './redis/large-batch.ts';
import { renamingAllKeys } from './redis/renaming-all-keys.ts';
import { scanningAllKeys } from './redis/scanning-all-keys.ts';

/** The rules over operations of migrations, by code. */
export const operationRules = {
  OP001: renameFieldBreaksReaders,
  OP002: renameCollectionBreaksReaders,
  OP003: removeFieldBreaksReaders,
  OP004: dropCollectionBreaksReaders,
  OP005: changeTypeBreaksReaders,
  OP006: constraintWithoutCheck,
  OP007: requiredFieldWithoutDefault,
  OP008: scriptWithoutWayBack,
  MG001: uniqueIndexInUse,
  MG002: strictValidation,
  MG003: requiredFieldNotFilled,
  MG004: expiringDocuments,
  MG005: droppingIndexUnseen,
  MG006: cappingCollection,
  MG007: manyIndexes,
  MG008: wildcardOrTextIndex,
  MG009: mergingOntoItself,
  MG010: uniqueHashedIndex,
  DY001: severalIndexChanges,
  DY002: changingKey,
  DY003: projectingEverything,
  DY004: hotPartition,
  DY005: indexCapacity,
  DY006: scanningTable,
  DY007: switchingBillingMode,
  CA001: secondaryIndex,
  CA002: materializedView,
  CA003: addingDroppedColumnAgain,
  CA004: pilingUpTombstones,
  CA005: copyingTable,
  ES001: reindexing,
  ES002: dynamicMapping,
  ES003: textWithoutKeyword,
  ES004: fielddata,
  ES005: templateWithoutPriority,
  ES006: shardsAndReplicas,
  ES007: raisingFieldLimit,
  RD001: scanningAllKeys,
  RD002: largeBatch,
  RD003: changingEncodingInUse,
  RD004: renamingAllKeys,
} as const satisfies Readonly<Record<string, OperationRule>>;

import type { CqlRule } from '../cql/rule.ts';
import { allowFiltering } from './cassandra/allow-filtering.ts';
import { alteringColumnType } from './cassandra/altering-column-type.ts';
import { cqlMaterializedView } from './cassandra/cql-materialized-view.ts';
import { cqlSecondaryIndex } from './cassandra/cql-secondary-index.ts';
import { deletingRows } from './cassandra/deleting-rows.ts';
import { droppingCqlColumn } from './cassandra/dropping-cql-column.ts';
import { droppingCqlObject } from './cassandra/dropping-cql-object.ts';
import { droppingCqlTable } from './cassandra/dropping-cql-table.ts';
import { droppingKeyspace } from './cassandra/dropping-keyspace.ts';
import { loggedBatch } from './cassandra/logged-batch.ts';
import { ownTimestamp } from './cassandra/own-timestamp.ts';
import { renamingCqlColumn } from './cassandra/renaming-cql-column.ts';
import { sasiIndex } from './cassandra/sasi-index.ts';
import { shortTombstones } from './cassandra/short-tombstones.ts';
import { simpleReplication } from './cassandra/simple-replication.ts';
import { truncatingCqlTable } from './cassandra/truncating-cql-table.ts';

/** The rules over statements for Cassandra, by code. */
export const cqlRules = {
  CA101: allowFiltering,
  CA102: droppingCqlTable,
  CA103: droppingCqlColumn,
  CA104: droppingKeyspace,
  CA105: truncatingCqlTable,
  CA106: cqlSecondaryIndex,
  CA107: cqlMaterializedView,
  CA108: loggedBatch,
  CA109: simpleReplication,
  CA110: shortTombstones,
  CA111: renamingCqlColumn,
  CA112: sasiIndex,
  CA113: deletingRows,
  CA114: ownTimestamp,
  CA115: droppingCqlObject,
  CA116: alteringColumnType,
} as const satisfies Readonly<Record<string, CqlRule>>;

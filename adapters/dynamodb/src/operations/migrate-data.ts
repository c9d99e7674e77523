import { migrateData as migrateRows } from '@polyshift/adapter-kit';
import type { HandlerOf } from './handler-of.ts';

/** migrate_data: an update pipeline, evaluated here, each item changed exactly once. */
export const migrateData: HandlerOf<'migrate_data'> = (_store, rows) => migrateRows(rows);

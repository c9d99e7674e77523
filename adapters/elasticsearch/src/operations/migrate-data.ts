import { migrateData as changeRows } from '@polyshift/adapter-kit';
import type { JsonObject } from '@polyshift/core';
import { keepingMapping } from './keeping-mapping.ts';
import type { HandlerOf } from './parts.ts';

/** migrate_data: documents are changed one by one, each where it still is what its before-image says. */
export const migrateData: HandlerOf<'migrate_data', JsonObject> = (parts) => keepingMapping(parts, changeRows(parts.operations));

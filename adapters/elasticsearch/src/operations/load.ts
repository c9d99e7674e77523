import { load as loadRows } from '@polyshift/adapter-kit';
import type { JsonObject } from '@polyshift/core';
import { keepingMapping } from './keeping-mapping.ts';
import type { HandlerOf } from './parts.ts';

/** load: rows of the migration, or of another collection. */
export const load: HandlerOf<'load', JsonObject> = (parts) => keepingMapping(parts, loadRows(parts.operations));

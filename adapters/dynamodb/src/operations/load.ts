import { load as loadRows } from '@polyshift/adapter-kit';
import type { HandlerOf } from './handler-of.ts';

/** load: rows of the migration, or of another table; each on the condition of its mode. */
export const load: HandlerOf<'load'> = (_store, rows) => loadRows(rows);

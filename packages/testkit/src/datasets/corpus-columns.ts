import { scalarColumns } from './corpus-scalars.ts';
import { structureColumns } from './corpus-structures.ts';

/** Every PostgreSQL type that must cross exactly, with its extremes: a column of `typed_corpus` each. */
export const corpusColumns = { ...scalarColumns, ...structureColumns } as const;

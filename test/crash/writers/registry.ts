import type { MatrixStore } from '../../matrix/stores.ts';
import { openMongodbWriter } from './mongodb.ts';
import { openPostgresqlWriter } from './postgresql.ts';
import type { OpenWriter } from './writer.ts';

/** How an application writes to each server. */
export const openWriter = {
  postgresql: openPostgresqlWriter,
  mongodb: openMongodbWriter,
} satisfies Partial<Record<MatrixStore['server'], OpenWriter>>;

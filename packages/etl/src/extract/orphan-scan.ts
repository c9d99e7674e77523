import type { Source, SourceQuery } from '@polyshift/core';
import type { ExtractStep } from '../spec/extract-step.ts';
import type { Join } from '../spec/join.ts';
import type { JoinedScan } from './joined.ts';
import { openJoined } from './joined-scan.ts';

/**
 * A scan over the joined table of a join, whose rows are refused as ORPHANED where the table of the extract step has no row for them. The
 * conditions of the extract step do not count: a row that they leave out is there nevertheless.
 */
export function openOrphanScan(
  source: Source,
  extract: ExtractStep,
  join: Join,
  more?: SourceQuery['conditions'],
): Promise<JoinedScan> {
  const query: SourceQuery = {
    collection: join.table,
    conditions: more && join.conditions ? { and: [join.conditions, more] } : (more ?? join.conditions),
    fields: join.fields && [...new Set([...join.fields, ...Object.keys(join.on)])],
    key: join.key,
    params: join.extraction_params,
  };
  const on = Object.fromEntries(Object.entries(join.on).map(([joined, outer]) => [outer, joined]));
  return openJoined(source, query, [
    {
      table: extract.source_table,
      on,
      kind: 'exists',
      as: '',
      fields: Object.keys(on),
      required: true,
      orphans: 'ignore',
      max_rows: 1,
      extraction_params: extract.extraction_params,
    },
  ]);
}

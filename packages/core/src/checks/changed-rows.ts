import { type Check, fail, pass, warn } from './check.ts';
import { type FoundRows, listExamples } from './found-rows.ts';

/**
 * Says what became of rows that were changed in place, each with its before-image: those that are as they were before, and those that the application has
 * written since.
 */
export function changedRowChecks(kept: number, unchanged: FoundRows, written: FoundRows): Check[] {
  return [
    unchanged.count === 0
      ? pass('rows_changed', `${kept} rows were changed, and each has its before-image`, { rows: kept })
      : fail(
          'rows_changed',
          `${unchanged.count} rows were not changed${listExamples(unchanged)}`,
          'See whether a trigger refuses the change.',
        ),
    ...(written.count === 0
      ? []
      : [
          warn(
            'rows_written_since',
            `${written.count} rows were written since${listExamples(written)}`,
            'They keep those writes, also on rollback.',
          ),
        ]),
  ];
}

import { type Check, checkThat, type JsonValue, warn } from '@polyshift/core';
import { lettersName } from '../dead-letters/open-letters.ts';
import { type EtlRun, noCounts } from '../journal/records.ts';
import type { RowDifference } from './comparison.ts';

/** What `etl verify` found of one target. */
export interface VerifiedTarget {
  readonly collection: string;
  readonly expected_rows: number;
  readonly target_rows: number;
  readonly checksums: { readonly source: string; readonly target: string };
  readonly missing: { readonly count: number; readonly examples: readonly JsonValue[] };
  readonly different: { readonly count: number; readonly examples: readonly RowDifference[] };
  readonly extra: { readonly count: number };
}

/** A target as the comparison left it. */
export interface ComparedTarget extends VerifiedTarget {
  /** What the target was before the load. */
  readonly before: 'absent' | 'empty' | 'filled';
  /** Rows beyond those of the load and those before it; less than none where some are gone. */
  readonly extraRows: number;
}

/** Rows of the source. */
export interface SourceRows {
  /** As the store counts them. */
  readonly source: number;
  readonly read: number;
  readonly rejected: number;
  /** Whether each source row is one row of the only target. */
  readonly plain: boolean;
}

/** The checks of a verification; where there are several targets, each says which one it is about. */
export function checksOf(run: EtlRun, targets: readonly ComparedTarget[], rows: SourceRows): Check[] {
  const checks = targets.flatMap((target) => {
    const name = targets.length > 1 ? `${target.collection}: ` : '';
    return [rowCount(target, rows, name), checksum(target, name), ...extraRows(target, name)];
  });
  const rejected = (run.totals ?? noCounts).rejected;
  if (rejected > 0) {
    checks.push(
      warn('rejected_rows', `${rejected} rows were rejected by the load`, `They are in ${lettersName(run.dead_letters)}.`),
    );
  }
  return checks;
}

function rowCount(target: ComparedTarget, { source, read, rejected, plain }: SourceRows, name: string): Check {
  const { expected_rows: expected, target_rows, missing } = target;
  const accounted = plain ? source === expected + rejected : source === read;
  return checkThat(
    accounted && missing.count === 0,
    'row_count',
    {
      pass: `${name}${source} rows in the source, ${expected} expected and found in the target, ${rejected} rejected`,
      fail: `${name}${source} rows in the source, ${rejected} rejected, ${expected - missing.count} of ${expected} found in the target`,
      action: 'Look at the keys under `missing`; load them again after a rollback, or by a spec with the mode upsert.',
    },
    {
      collection: target.collection,
      source_rows: source,
      expected_rows: expected,
      target_rows,
      rejected_rows: rejected,
      missing: missing.count,
    },
  );
}

function checksum({ collection, expected_rows, checksums, different, missing }: ComparedTarget, name: string): Check {
  const { source, target } = checksums;
  return checkThat(
    source === target && different.count === 0,
    'checksum',
    {
      pass: `${name}equal over ${expected_rows} rows: ${source}`,
      fail: `${name}${different.count} rows differ and ${missing.count} are missing: ${source} in the source, ${target} in the target`,
      action: 'Look at the fields under `different`: source or target has been written since, or a rule is not what it was.',
    },
    { collection, source, target },
  );
}

function extraRows({ before, extraRows: extra }: ComparedTarget, name: string): Check[] {
  if (before === 'filled') {
    if (extra === 0) return [];
    return [
      warn(
        'extra_rows',
        `${name}the target has ${Math.abs(extra)} rows ${extra > 0 ? 'more' : 'less'} than before the load and by it`,
        'The application has written or deleted rows since; look whether that was meant.',
      ),
    ];
  }
  return [
    checkThat(extra <= 0, 'extra_rows', {
      pass: `${name}the target holds no rows but those of this load`,
      fail: `${name}the target holds ${extra} rows that this load did not write`,
      action: 'Somebody else has written into the target; look at them before a rollback.',
    }),
  ];
}

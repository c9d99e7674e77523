import type { FinalizedMigration, FinalizeReport, KeptMigration } from '@polyshift/core';
import type { Colours } from './output.ts';
import { bytesText, countOf } from './quantities.ts';

/** What was made final, and what was not although it was due: a line each. */
export function renderFinalize({ finalized, kept }: FinalizeReport, colours: Colours): string {
  if (finalized.length + kept.length === 0) return 'Nothing is kept that is so old.';
  return [...finalized.map(finalizedLine), ...kept.map((migration) => colours.yellow(keptLine(migration)))].join('\n');
}

/** What became of a version: `Version 0003 is final: ...` */
export function finalizedLine({ version, reason, steps, rows, bytes, operations }: FinalizedMigration): string {
  if (steps === 0) return `Version ${version} was final already.`;
  const why = {
    asked: '',
    age: ', because it is older than keep_undo_days',
    size: ', because all undo is larger than keep_undo_bytes',
  };
  const ended = operations.filter(({ type }) => type === 'online_change').map(({ collection }) => collection);
  const place = ended.length > 0 ? ` The old version of ${ended.join(', ')} has ended.` : '';
  const amount = `${countOf(rows, 'row')}${bytes === null ? '' : `, ${bytesText(bytes)}`}`;
  return `Version ${version} is final${why[reason]}: what ${countOf(steps, 'operation')} kept aside is deleted (${amount}).${place}`;
}

/** Why a version keeps its undo although a limit says otherwise. */
export function keptLine({ message, because }: KeptMigration): string {
  return because === 'newest' ? message : `${message}; its undo stays.`;
}

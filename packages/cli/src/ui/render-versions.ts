import type { FollowRound, SwitchReport, Traffic, VersionsStatus } from '@polyshift/core';
import type { Colours } from './output.ts';
import { countOf } from './quantities.ts';

/** Two versions in use, as `status` shows them: where applications of the new one find it, who uses which, and what comes next. */
export function renderVersions(
  { version, reads, writes, collections, next, blocked_by }: VersionsStatus,
  colours: Colours,
): string {
  const lines = [
    colours.bold(`Two versions in use since version ${version}: reads go to the ${reads} one, writes to the ${writes} one.`),
  ];
  for (const { collection, new_version, refused, waiting } of collections) {
    const counts = [
      refused > 0 ? colours.red(`${countOf(refused, 'write')} refused`) : 'no write refused',
      waiting === null ? 'waiting writes are counted by the next command' : `${countOf(waiting, 'write')} waiting`,
    ];
    lines.push(`  ${collection}: new version by ${settings(new_version)}; ${counts.join(', ')}`);
  }
  lines.push(...blocked_by.map((reason) => colours.yellow(`  before finalize: ${reason}`)), `  next: ${next}`);
  return lines.join('\n');
}

/** What `switch` did, in a line. */
export function renderSwitch(
  { reads, writes, unchanged, checks, version }: SwitchReport,
  what: Traffic,
  colours: Colours,
): string {
  const where = `${what} go to the ${what === 'reads' ? reads : writes} version`;
  const proof = `both versions are equal (${countOf(checks.length, 'check')} passed)`;
  return unchanged ? `${where} already; ${proof}.` : colours.green(`From now on ${where} of ${version}; ${proof}.`);
}

/** How following ended, in a line. */
export function renderFollow({ version, steps, held }: FollowRound): string {
  if (version === null) return 'No two versions of a collection are in use.';
  if (held) return 'Another run holds the lock.';
  return steps === 0
    ? 'The store carries each write over to the other version by itself: there is nothing to follow.'
    : `Caught up: ${countOf(steps, 'collection')}.`;
}

function settings(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}

import type { HistoryRecord, JournalStore } from '../adapter/journal-store.ts';
import { journalFormat } from '../adapter/journal-store.ts';
import { PolyshiftError } from '../errors/polyshift-error.ts';
import type { Migration } from '../migration/migration.ts';
import { compareVersions, sameVersion } from '../migration/version.ts';
import { type Amendment, readAmendments } from './amendments.ts';

/** The history of a store as it was read, with the questions that commands ask of it. */
export class History {
  /** By version. */
  readonly records: readonly HistoryRecord[];
  /** Decisions by hand, oldest first. */
  readonly amendments: readonly Amendment[];

  constructor(records: readonly HistoryRecord[], amendments: readonly Amendment[]) {
    this.amendments = amendments;
    this.records = [...records].sort((left, right) => compareVersions(left.version, right.version));
  }

  /** Reads the history; empty where the store has no journal yet. Throws JOURNAL_FORMAT where a newer polyshift wrote it. */
  static async read(journal: JournalStore): Promise<History> {
    const format = await journal.format();
    if (format !== undefined && format > journalFormat) {
      throw new PolyshiftError(
        'JOURNAL_FORMAT',
        `the journal has format ${format}, and this polyshift knows up to ${journalFormat}`,
      );
    }
    if (format === undefined) return new History([], []);
    // One after the other: a second connection would cost more round trips than it saves.
    const records = await journal.list('history');
    return new History(records, await readAmendments(journal));
  }

  /** The history with one record in place of the version's old one, or without it. */
  with(version: string, record: HistoryRecord | undefined): History {
    const others = this.records.filter((each) => each.version !== version);
    return new History(record ? [...others, record] : others, this.amendments);
  }

  /** The record of a version, whatever its state. */
  of(version: string): HistoryRecord | undefined {
    return this.records.find((record) => sameVersion(record.version, version));
  }

  /** Applied versions, oldest first. */
  get applied(): HistoryRecord[] {
    return this.records.filter((record) => record.state === 'applied');
  }

  /** The newest applied version, or null. */
  get currentVersion(): string | null {
    return this.applied.at(-1)?.version ?? null;
  }

  /** Migrations that a run began and did not end, newest first. */
  get unfinished(): HistoryRecord[] {
    return this.records.filter((record) => record.state === 'running' || record.state === 'rolling_back').reverse();
  }

  /** The next rank in the order of application. */
  get nextRank(): number {
    return Math.max(0, ...this.records.map((record) => record.rank)) + 1;
  }

  /** The version that was applied last, which may be older than others; undefined where none is applied. */
  get lastApplied(): HistoryRecord | undefined {
    return this.applied.reduce<HistoryRecord | undefined>(
      (last, each) => (last && last.rank > each.rank ? last : each),
      undefined,
    );
  }

  /** The newest version that is applied or that `up` has begun, or null: what comes before it now comes late. */
  get newestBegun(): string | null {
    return this.records.filter((record) => record.state === 'applied' || record.state === 'running').at(-1)?.version ?? null;
  }

  /** Migrations that are not applied, in order, but for those that `up` has begun: they come first, so that nothing is built on half of one. */
  pending(migrations: readonly Migration[]): Migration[] {
    const pending = migrations.filter((migration) => this.of(migration.version)?.state !== 'applied');
    const begun = (migration: Migration) => this.of(migration.version)?.state === 'running';
    return [...pending.filter(begun), ...pending.filter((migration) => !begun(migration))];
  }

  /** Whether a version may be applied after newer ones, as somebody has decided. */
  acceptsLate(version: string): boolean {
    return this.amendments.some((each) => each.kind === 'order' && sameVersion(each.version, version));
  }
}

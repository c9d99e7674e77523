import type { HistoryRecord, JournalStore } from '../adapter/journal-store.ts';
import { journalFormat } from '../adapter/journal-store.ts';
import { PolyshiftError } from '../errors/polyshift-error.ts';
import type { Migration } from '../migration/migration.ts';
import { compareVersions, sameVersion } from '../migration/version.ts';

/** The history of a store as it was read, with the questions that commands ask of it. */
export class History {
  /** By version. */
  readonly records: readonly HistoryRecord[];

  constructor(records: readonly HistoryRecord[]) {
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
    return new History(format === undefined ? [] : await journal.list('history'));
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

  /** Migrations that are not applied, those begun included, in order. */
  pending(migrations: readonly Migration[]): Migration[] {
    return migrations.filter((migration) => this.of(migration.version)?.state !== 'applied');
  }

  /** Compares the history with the files. Throws CHECKSUM_CHANGED, MIGRATION_MISSING or OUT_OF_ORDER. */
  checkAgainst(migrations: readonly Migration[]): void {
    for (const record of this.records) {
      if (record.state === 'rolled_back' || record.state === 'failed') continue;
      const migration = migrations.find((each) => sameVersion(each.version, record.version));
      if (!migration) {
        throw new PolyshiftError(
          'MIGRATION_MISSING',
          `version ${record.version} (${record.name}) is ${record.state} in the store, but has no file`,
        );
      }
      if (migration.checksum !== record.checksum) {
        throw new PolyshiftError(
          'CHECKSUM_CHANGED',
          `${migration.file} has changed since version ${record.version} was ${record.state === 'applied' ? 'applied' : 'begun'}`,
          {
            place: { file: migration.file },
            data: { was: record.checksum, is: migration.checksum },
          },
        );
      }
    }
    const current = this.currentVersion;
    if (current === null) return;
    const late = this.pending(migrations).find((migration) => compareVersions(migration.version, current) < 0);
    if (late && this.of(late.version)?.state !== 'running' && this.of(late.version)?.state !== 'rolling_back') {
      throw new PolyshiftError(
        'OUT_OF_ORDER',
        `${late.file} has version ${late.version}, but version ${current} is applied already`,
        {
          place: { file: late.file },
        },
      );
    }
  }
}

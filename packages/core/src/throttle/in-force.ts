import type { StoreSession } from '../adapter/adapter.ts';
import { readJournaled } from './journaled.ts';
import { type ThrottleName, type ThrottleSettings, type ThrottleSource, throttleNames, throttleSources } from './settings.ts';
import { type Said, ThrottleFile } from './throttle-file.ts';

/** The limits that a command brings along, beside those of the journal. */
export interface GivenThrottle {
  readonly configuration?: ThrottleSettings | undefined;
  /** See `throttleFromEnvironment`. */
  readonly environment?: ThrottleSettings | undefined;
  /** A file that is read again whenever it changes while a run works. */
  readonly file?: string | undefined;
}

/** The limits in force. */
export interface ThrottleInForce {
  /** Those that count; a limit that was taken away is missing. */
  readonly settings: ThrottleSettings;
  /** Where each of them comes from, also that it was taken away. */
  readonly from: { readonly [Name in ThrottleName]?: ThrottleSource };
  /** All that is said, by place. */
  readonly given: { readonly [Source in ThrottleSource]?: ThrottleSettings };
  /** The file, as people know it; undefined where none is named. */
  readonly file: string | undefined;
  /** When the limits of the journal were set last, ISO 8601. */
  readonly journal_since: string | undefined;
  /** Why nobody can tell what counts: runs wait until that is mended. */
  readonly problem: string | undefined;
}

/** Which of the limits count: for each the first place that says something about it. */
export function combineThrottle(given: ThrottleInForce['given']): Pick<ThrottleInForce, 'settings' | 'from' | 'given'> {
  const settings: Record<string, unknown> = {};
  const from: { [Name in ThrottleName]?: ThrottleSource } = {};
  for (const name of throttleNames) {
    const source = throttleSources.find((each) => given[each]?.[name] !== undefined);
    if (source === undefined) continue;
    from[name] = source;
    const value = given[source]![name];
    if (value !== null) settings[name] = value;
  }
  return { settings: settings as ThrottleSettings, from, given };
}

/** Reads the limits in force, again and again: the file is parsed only when it has changed. */
export class ThrottleReader {
  private readonly session: Pick<StoreSession, 'journal'>;
  private readonly given: GivenThrottle;
  private readonly file: ThrottleFile | undefined;

  constructor(session: Pick<StoreSession, 'journal'>, given: GivenThrottle = {}) {
    this.session = session;
    this.given = given;
    this.file = given.file === undefined ? undefined : new ThrottleFile(given.file);
  }

  /** Throws what reading the journal throws. */
  async read(): Promise<ThrottleInForce> {
    const [journaled, file] = await Promise.all([readJournaled(this.session.journal), this.file?.read()]);
    const { configuration, environment } = this.given;
    return {
      ...combineThrottle({
        ...settingsOf('journal', journaled),
        ...settingsOf('file', file),
        ...(environment ? { environment } : {}),
        ...(configuration ? { configuration } : {}),
      }),
      file: this.file?.name,
      journal_since: journaled?.since,
      problem: [journaled, file].flatMap((said) => (said && 'problem' in said ? said.problem : []))[0],
    };
  }
}

/** The limits in force for batch work on a store, for showing them. Only reads. Throws what reading the journal throws. */
export async function readThrottle(session: Pick<StoreSession, 'journal'>, given?: GivenThrottle): Promise<ThrottleInForce> {
  return new ThrottleReader(session, given).read();
}

function settingsOf(source: ThrottleSource, said: Said | undefined): ThrottleInForce['given'] {
  return said && 'settings' in said ? { [source]: said.settings } : {};
}

import type { StoreSession } from '../adapter/adapter.ts';
import type { TwoVersionsState } from '../adapter/two-versions.ts';
import type { History } from '../journal/history.ts';
import { asideOf } from '../journal/step-key.ts';
import { checkOperation } from '../migration/parse-operation.ts';
import { handlerOf } from '../runner/handlers.ts';
import type { JsonObject, JsonValue } from '../value/json.ts';
import { ownValue } from '../value/own-value.ts';
import { type OpenVersion, openVersion } from './open-version.ts';
import { readTraffic, type Side } from './traffic.ts';

/** One collection of which two versions are in use. */
export interface CollectionVersions extends TwoVersionsState {
  readonly collection: string;
}

/** What `status` tells of two versions in use. */
export interface VersionsStatus {
  readonly version: string;
  readonly reads: Side;
  readonly writes: Side;
  readonly moved_at: string | null;
  readonly collections: readonly CollectionVersions[];
  /** What the next step is, as a command. */
  readonly next: string;
  /** What is in the way of `finalize`, for people; empty where nothing is known to be. */
  readonly blocked_by: readonly string[];
}

/** Where the two versions stand; null where there are none. Only reads. */
export async function versionsStatus(session: StoreSession, history: History): Promise<VersionsStatus | null> {
  return statusOfOpen(session, await openVersion(session.journal, history));
}

/** The same where the open version is known. */
export async function statusOfOpen(session: StoreSession, open: OpenVersion | undefined): Promise<VersionsStatus | null> {
  if (!open) return null;
  const traffic = await readTraffic(session.journal, open.version);
  const collections: CollectionVersions[] = [];
  for (const step of open.steps) {
    const operation = checkOperation(step.operation);
    const { versions } = handlerOf(session, operation);
    const place = { version: step.version, step: step.index, aside: asideOf(step) };
    if (versions)
      collections.push({
        collection: step.operation['collection'] as string,
        ...(await versions.state(operation, step.undo, place)),
      });
  }
  return {
    ...traffic,
    collections,
    next: nextCommand(open.version, traffic.reads, traffic.writes),
    blocked_by: blocks(collections, traffic.writes),
  };
}

function nextCommand(version: string, reads: Side, writes: Side): string {
  if (reads === 'old') return 'polyshift switch reads';
  return writes === 'old' ? 'polyshift switch writes' : `polyshift finalize ${version}`;
}

function blocks(collections: readonly CollectionVersions[], writes: Side): string[] {
  return [
    ...(writes === 'old' ? ['writes are still with the old version'] : []),
    ...collections.flatMap(({ collection, refused, waiting }) => [
      ...(refused > 0 ? [`${refused} writes to ${collection} fit only one of its versions`] : []),
      ...((waiting ?? 0) > 0 ? [`${waiting} writes to ${collection} have not reached the other version yet`] : []),
    ]),
  ];
}

/** What applications of the new version set, merged over the collections: objects within it are merged too. */
export function newVersion({ version, reads, writes, collections }: VersionsStatus): JsonObject {
  const merged: Record<string, JsonValue> = { version, reads, writes };
  for (const { new_version } of collections)
    for (const [key, value] of Object.entries(new_version)) {
      const before = ownValue(merged, key);
      merged[key] = isObject(before) && isObject(value) ? { ...before, ...value } : value;
    }
  return merged;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

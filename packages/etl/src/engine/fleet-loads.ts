import { isPolyshiftError, type JsonValue, PolyshiftError } from '@polyshift/core';
import type { EtlDependencies } from '../dependencies.ts';
import { quietly } from '../pipeline/quietly.ts';
import type { LoadedSpec } from '../spec/load-spec.ts';
import { specChecksum } from '../spec/spec-checksum.ts';
import type { LoadReference } from './engine.ts';
import { type ChunkOptions, FleetLoad } from './fleet-load.ts';

/** A spec as this worker has it, and what it works with. */
export interface OwnSpec {
  readonly loaded: LoadedSpec;
  readonly dependencies: EtlDependencies;
  /** By flow, what the scans of the run share with workers in its process; missing elsewhere. */
  readonly shared?: readonly JsonValue[] | undefined;
}

interface Entry {
  readonly load: Promise<FleetLoad | undefined>;
  users: number;
  broken: boolean;
  idle: NodeJS.Timeout | undefined;
}

/** Milliseconds that a load stays open when no chunk of it is at work. */
const idleMs = 2000;

/** The loads that a worker has chunks of: each is opened once, serves chunks side by side, and is closed when none came for a while, or one failed. */
export class FleetLoads implements AsyncDisposable {
  private readonly entries = new Map<string, Entry>();
  private readonly closing = new Set<Promise<void>>();

  /**
   * Runs a chunk of a load; see {@link FleetLoad.runChunk}. `own` reads the spec as this worker has it. Throws SPEC_CHANGED where it is not that of the run.
   */
  async runChunk(
    reference: LoadReference,
    chunk: number,
    own: () => Promise<OwnSpec>,
    options: ChunkOptions,
  ): Promise<'done' | 'over'> {
    const key = `${reference.run_id}/${reference.token}`;
    const entry = this.entries.get(key) ?? this.enter(key, reference, own);
    clearTimeout(entry.idle);
    entry.users++;
    try {
      const load = await entry.load;
      return load ? await load.runChunk(chunk, options) : 'over';
    } catch (error) {
      // Of these the connections know nothing.
      if (!isPolyshiftError(error, 'LOCKED') && !isPolyshiftError(error, 'STOPPED')) entry.broken = true;
      throw error;
    } finally {
      entry.users--;
      if (entry.broken && this.entries.get(key) === entry) this.entries.delete(key);
      if (entry.users === 0) this.leave(key, entry);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const [key, entry] of this.entries) {
      this.entries.delete(key);
      clearTimeout(entry.idle);
      this.close(entry);
    }
    await Promise.all(this.closing);
  }

  private enter(key: string, reference: LoadReference, own: () => Promise<OwnSpec>): Entry {
    const entry: Entry = { load: opened(reference, own), users: 0, broken: false, idle: undefined };
    // Those who wait for it hear of it.
    entry.load.catch(() => undefined);
    this.entries.set(key, entry);
    return entry;
  }

  private leave(key: string, entry: Entry): void {
    if (entry.broken) {
      this.close(entry);
      return;
    }
    entry.idle = setTimeout(() => {
      this.entries.delete(key);
      this.close(entry);
    }, idleMs);
    entry.idle.unref();
  }

  private close({ load }: Entry): void {
    const closed = (async () => {
      const open = await load.catch(() => undefined);
      if (open) await quietly(open)[Symbol.asyncDispose]();
    })().finally(() => this.closing.delete(closed));
    this.closing.add(closed);
  }
}

async function opened(reference: LoadReference, own: () => Promise<OwnSpec>): Promise<FleetLoad | undefined> {
  const { loaded, dependencies, shared } = await own();
  if (loaded.spec.name !== reference.spec_name || (await specChecksum(loaded)) !== reference.spec_checksum) {
    throw new PolyshiftError(
      'SPEC_CHANGED',
      `the spec ${loaded.file} of this worker is not the one that "${reference.spec_name}" runs by`,
      {
        hint: 'Give every worker the same files: those of the process that runs the load.',
      },
    );
  }
  return await FleetLoad.open(loaded, reference, dependencies, shared);
}

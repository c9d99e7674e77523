import { compareVersions, type ErrorCode, type MigrationState } from '@polyshift/core';
import type { Content } from './content.ts';
import type { World } from './world.ts';

/** A migration in the history of the model. */
export interface Entry {
  readonly version: string;
  /** What was run. */
  readonly content: Content;
  /** The content whose checksum the history has. */
  accepted: string;
  state: MigrationState;
  /** Whether it is going back, or went back, because it had failed. */
  failing: boolean;
  finalized: boolean;
  /** Position in the order of application. */
  readonly rank: number;
}

/** Where the files and the history of the model do not agree. */
export interface Problem {
  readonly code: 'CHECKSUM_CHANGED' | 'MIGRATION_MISSING' | 'OUT_OF_ORDER';
  readonly version: string;
}

/** A command, one state of the history after the other; its end is the code of the error, or undefined. */
export type Path = Generator<void, ErrorCode | undefined>;

/** What the history, the files and the data must be: pure, with none of polyshift's code but the order of versions. */
export class Model {
  readonly files = new Map<string, Content>();
  readonly entries = new Map<string, Entry>();
  /** Versions that may be applied after newer ones. */
  readonly late = new Set<string>();
  /** What has changed the store and stands, in the order of application; without a version where it was struck from the history. */
  standing: { readonly content: Content; version: string | undefined }[] = [];
  /** Whether a dead run has left its lock behind. */
  locked = false;
  /** Counts contents, so that each is another one. */
  drawn = 0;
  /** Spare fields that no content has taken. */
  spare: string[] = [];
  /** Collections that a content has created and none has dropped. */
  created: string[] = [];
  /** Set where a path does what nobody can predict: the same content twice, or back under a change that stays. */
  vague = false;

  /** A model of the same history, to try something out. */
  clone(): Model {
    const copy = new Model();
    for (const [version, content] of this.files) copy.files.set(version, content);
    for (const [version, entry] of this.entries) copy.entries.set(version, { ...entry });
    for (const version of this.late) copy.late.add(version);
    copy.standing = this.standing.map((each) => ({ ...each }));
    Object.assign(copy, { locked: this.locked, drawn: this.drawn, spare: [...this.spare], created: [...this.created] });
    return copy;
  }

  /** Versions of the files, in order. */
  get versions(): string[] {
    return [...this.files.keys()].sort(compareVersions);
  }

  /** The history, in the order of versions. */
  get history(): Entry[] {
    return [...this.entries.values()].sort((left, right) => compareVersions(left.version, right.version));
  }

  /** Entries whose changes stand, whole or in part: the last begun first. */
  get active(): Entry[] {
    return this.history
      .filter(({ state }) => state !== 'rolled_back' && state !== 'failed')
      .sort((left, right) => right.rank - left.rank);
  }

  /** Entries that a run began and did not end. */
  get unfinished(): Entry[] {
    return this.active.filter(({ state }) => state !== 'applied');
  }

  /** The newest applied version, or null. */
  get current(): string | null {
    return this.history.filter(({ state }) => state === 'applied').at(-1)?.version ?? null;
  }

  /** The state of each version of the history, as text. */
  get states(): string {
    return this.history.map(({ version, state }) => `${version} ${state}`).join(', ');
  }

  /** The data of the store; of collections that an unfinished migration touches nobody knows it. */
  get world(): World {
    return this.standing.reduce<World>((world, { content }) => content.apply(world) ?? world, new Map());
  }

  /** What does not agree: first what is in the history, then what came late. */
  problems(): Problem[] {
    const problems: Problem[] = [];
    for (const { version, accepted, state } of this.history) {
      if (state === 'rolled_back' || state === 'failed') continue;
      const file = this.files.get(version);
      if (!file) problems.push({ code: 'MIGRATION_MISSING', version });
      else if (file.id !== accepted) problems.push({ code: 'CHECKSUM_CHANGED', version });
    }
    const { current } = this;
    for (const version of this.versions) {
      const state = this.entries.get(version)?.state;
      if (state === 'applied' || state === 'running' || state === 'rolling_back' || this.late.has(version)) continue;
      if (current !== null && compareVersions(version, current) < 0) problems.push({ code: 'OUT_OF_ORDER', version });
    }
    return problems;
  }

  /** `up` to a version, or to the last one. */
  *up(to?: string): Path {
    if (to !== undefined && !this.files.has(to)) return 'VERSION_UNKNOWN';
    const [problem] = this.problems();
    if (problem) return problem.code;
    for (const entry of this.unfinished.filter(({ state }) => state === 'rolling_back')) yield* this.revert(entry);
    const wanted = (version: string) => to === undefined || compareVersions(version, to) <= 0;
    const pending = this.versions.filter((version) => this.entries.get(version)?.state !== 'applied' && wanted(version));
    const begun = this.unfinished;
    if (pending.length > 0 && begun.some(({ version }) => !wanted(version))) return 'UNFINISHED_RUN';
    const order = [
      ...begun.map(({ version }) => version),
      ...pending.filter((version) => !begun.some((each) => each.version === version)),
    ];
    for (const version of order) {
      const code = yield* this.apply(version);
      if (code) return code;
    }
    return undefined;
  }

  /** `down` by a number of migrations, or to a version. */
  *down(request: { readonly steps?: number | undefined; readonly to?: string | undefined }): Path {
    const { to } = request;
    if (to !== undefined && to !== '0' && !this.entries.has(to)) return 'VERSION_UNKNOWN';
    const chosen =
      to === undefined
        ? this.active.slice(0, request.steps ?? 1)
        : this.active.filter(({ version }) => compareVersions(version, to) > 0);
    if (chosen.some(({ finalized }) => finalized)) return 'NOT_REVERSIBLE';
    for (const entry of chosen) yield* this.revert(entry);
    return undefined;
  }

  /** `finalize` of a version. */
  finalize(version: string): ErrorCode | undefined {
    const entry = this.entries.get(version);
    if (entry?.state === 'running' || entry?.state === 'rolling_back') return 'UNFINISHED_RUN';
    if (entry?.state !== 'applied') return 'VERSION_UNKNOWN';
    entry.finalized = true;
    return undefined;
  }

  /** `repair` of a version, or of all. */
  repair(version?: string): ErrorCode | undefined {
    const problems = this.problems().filter((problem) => version === undefined || problem.version === version);
    if (version !== undefined && problems.length === 0) return 'VERSION_UNKNOWN';
    const isHalf = (problem: Problem) =>
      problem.code !== 'OUT_OF_ORDER' && this.entries.get(problem.version)!.state !== 'applied';
    if (problems.some(isHalf)) return 'UNFINISHED_RUN';
    for (const problem of problems) {
      if (problem.code === 'OUT_OF_ORDER') this.late.add(problem.version);
      else if (problem.code === 'CHECKSUM_CHANGED')
        this.entries.get(problem.version)!.accepted = this.files.get(problem.version)!.id;
      else {
        this.entries.delete(problem.version);
        for (const each of this.standing) if (each.version === problem.version) each.version = undefined;
      }
    }
    return undefined;
  }

  /** Applies a version, or goes on with it. */
  *apply(version: string): Path {
    const content = this.files.get(version)!;
    let entry = this.entries.get(version);
    if (entry?.state !== 'running') {
      if (this.standing.some((each) => each.content.id === content.id)) this.vague = true;
      const rank = Math.max(0, ...[...this.entries.values()].map((each) => each.rank)) + 1;
      entry = { version, content, accepted: content.id, state: 'running', failing: false, finalized: false, rank };
      this.entries.set(version, entry);
      this.standing.push({ content, version });
    }
    yield;
    const before = this.standing.filter((each) => each.version !== version);
    const world = before.reduce<World>((data, each) => each.content.apply(data) ?? data, new Map());
    if (content.apply(world)) {
      entry.state = 'applied';
      return yield;
    }
    entry.failing = true;
    yield* this.revert(entry);
    return 'CHECK_FAILED';
  }

  /** Takes a version back, or goes on with that. */
  *revert(entry: Entry): Path {
    entry.state = 'rolling_back';
    yield;
    const index = this.standing.findIndex((each) => each.version === entry.version);
    const later = this.standing.slice(index + 1);
    if (later.some(({ content }) => content.touches.some((name) => entry.content.touches.includes(name)))) this.vague = true;
    this.standing.splice(index, 1);
    entry.state = entry.failing ? 'failed' : 'rolled_back';
    return yield;
  }
}

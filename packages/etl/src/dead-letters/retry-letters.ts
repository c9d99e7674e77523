import { randomUUID } from 'node:crypto';
import { batchSize, type Conditions, type JsonValue, type Lease, type SinkWriter } from '@polyshift/core';
import type { FaultPlace } from '../dependencies.ts';
import type { EmitEtl } from '../events.ts';
import { addCounts, type EtlRun, noCounts, type TargetCounts } from '../journal/records.ts';
import { deadLetters } from '../load/rejections.ts';
import { rowWriter, type WriteGates, writeGates } from '../load/write-rows.ts';
import { encodeUnit, type WriteRows, writeUnit } from '../load/write-unit.ts';
import type { Prepared } from '../pipeline/prepare.ts';
import type { Unit } from '../pipeline/units.ts';
import type { RetryPolicy } from '../retry.ts';
import type { DeadLetter, LetterStore } from './dead-letter.ts';
import { conditionsOf, groupsOf, type LetterGroup, rowTexts, unitsWhere } from './letter-groups.ts';

/** What a retry works with. */
export interface RetryParts {
  readonly prepared: Prepared;
  readonly writers: readonly SinkWriter[];
  readonly letters: LetterStore;
  readonly lease: Lease;
  readonly signal: AbortSignal;
  readonly policy: RetryPolicy;
  readonly emit: EmitEtl;
  readonly fault: (place: FaultPlace) => Promise<void>;
  readonly run: EtlRun;
  readonly save: (run: EtlRun) => Promise<void>;
}

/** What became of a source row: loaded, or rejected for these reasons. */
type Outcome = readonly DeadLetter[];

/** Loads the rows of dead letters batch by batch, and keeps the record of the run in step, so that its rollback takes them back too. */
export class LetterRetry {
  /** What became of the letters so far. */
  readonly counts = { loaded: 0, rejected: 0, not_found: 0, rows_written: 0 };
  private readonly parts: RetryParts;
  private readonly write: WriteRows;
  private readonly tag = randomUUID().slice(0, 8);
  private run: EtlRun;
  private made = 0;
  /** The source rows that were dealt with, by flow and key: letters about one row need not stand together. */
  private readonly done = new Map<string, 'loaded' | 'rejected'>();

  constructor(parts: RetryParts) {
    this.parts = parts;
    this.run = parts.run;
    const { prepared, writers, policy, signal, lease, emit } = parts;
    const gates: WriteGates = writeGates(prepared.targets);
    this.write = rowWriter({
      targets: prepared.targets,
      writers,
      sizes: prepared.sizes,
      gates,
      policy,
      signal,
      guard: () => lease.guard(),
      retried: (error, attempt, pause_ms) => emit({ kind: 'retry', error, attempt, pause_ms, reconnect: false }),
    })(true);
  }

  /** Tries the rows of some letters. */
  async batch(letters: readonly DeadLetter[]): Promise<void> {
    for (const flow of new Set(letters.map((letter) => letter.flow))) {
      const { description } = this.parts.prepared.flows[flow]!.scan;
      const groups = groupsOf(
        letters.filter((letter) => letter.flow === flow),
        description.key,
      );
      for (const [text, group] of groups) {
        const before = this.done.get(`${flow} ${text}`);
        if (before === undefined) continue;
        groups.delete(text);
        await this.letGo(group, before);
      }
      if (groups.size === 0) continue;
      if (this.parts.prepared.flows[flow]!.orphansOf) await this.retryOrphans(flow, groups);
      else await this.retryRows(flow, groups);
    }
  }

  /** Writes down how many letters are left. */
  async finish(): Promise<void> {
    let rejected = 0;
    for await (const _ of this.parts.letters.read(this.run.run_id)) rejected++;
    await this.saveRun({ ...this.run, totals: { ...(this.run.totals ?? noCounts), rejected } });
  }

  private async retryRows(flow: number, groups: ReadonlyMap<string, LetterGroup>): Promise<void> {
    const { key } = this.parts.prepared.flows[flow]!.scan.description;
    const outcomes = await this.load(flow, conditionsOf(groups.values(), key));
    for (const [text, group] of groups) {
      const outcome = outcomes.get(text);
      if (!outcome) this.counts.not_found += group.letters.length;
      else await this.settle(`${flow} ${text}`, group, outcome);
    }
  }

  /** A row that has found its parent comes with it: the parent is loaded. */
  private async retryOrphans(flow: number, groups: ReadonlyMap<string, LetterGroup>): Promise<void> {
    const orphans = this.parts.prepared.flows[flow]!;
    const { flow: parents, on } = orphans.orphansOf!;
    const { key } = orphans.scan.description;
    const found = new Set<string>();
    const still = new Set<string>();
    for await (const unit of unitsWhere(orphans, conditionsOf(groups.values(), key))) {
      const texts = rowTexts(unit, key);
      for (const text of texts.values()) found.add(text);
      for (const { row } of unit.rejected) still.add(texts.get(row)!);
    }
    const adopted = [...groups].filter(([text]) => found.has(text) && !still.has(text));
    for (const [text, group] of groups) {
      if (still.has(text)) this.counts.rejected += group.letters.length;
      else if (!found.has(text)) this.counts.not_found += group.letters.length;
    }
    if (adopted.length === 0) return;
    const all: Conditions[] = Object.entries(on).map(([joined, outer]) => ({
      [outer]: { in: adopted.map(([, { letters }]) => (letters[0]!.values as { [field: string]: JsonValue })[joined] ?? null) },
    }));
    const outcomes = await this.load(parents, { and: all });
    for (const [text, outcome] of outcomes) {
      if (outcome.length > 0) await this.keep(outcome);
      this.done.set(`${parents} ${text}`, outcome.length > 0 ? 'rejected' : 'loaded');
    }
    for (const [text, group] of adopted) {
      this.done.set(`${flow} ${text}`, 'loaded');
      await this.letGo(group, 'loaded');
    }
  }

  private async settle(name: string, group: LetterGroup, outcome: Outcome): Promise<void> {
    const result = outcome.length > 0 ? 'rejected' : 'loaded';
    this.done.set(name, result);
    // The new reasons are kept before the old ones go.
    if (outcome.length > 0) await this.keep(outcome);
    await this.letGo(group, result);
  }

  private async keep(letters: Outcome): Promise<void> {
    await this.parts.letters.append(letters);
    await this.parts.fault('etl.letters_kept');
  }

  private async letGo({ letters }: LetterGroup, result: 'loaded' | 'rejected'): Promise<void> {
    this.counts[result] += letters.length;
    await this.parts.letters.remove(this.run.run_id, letters);
    await this.parts.fault('etl.letters_gone');
  }

  /** Loads the source rows that meet conditions; what became of each, by its key. */
  private async load(flow: number, conditions: Conditions): Promise<Map<string, Outcome>> {
    const prepared = this.parts.prepared.flows[flow]!;
    const outcomes = new Map<string, DeadLetter[]>();
    for await (const unit of unitsWhere(prepared, conditions)) {
      const texts = rowTexts(unit, prepared.scan.description.key);
      for (const text of texts.values()) outcomes.set(text, []);
      for (const letter of await this.loadUnit(flow, unit)) outcomes.get(texts.get(letter.row)!)!.push(letter);
    }
    return outcomes;
  }

  private async loadUnit(index: number, unit: Unit): Promise<DeadLetter[]> {
    const { prepared, writers, lease, fault } = this.parts;
    const { targets } = prepared;
    const flow = prepared.flows[index]!;
    const encoded = encodeUnit(unit, flow, targets, writers);
    const planned = targets.map((_, target) =>
      flow.branches.reduce(
        (sum, branch, position) => sum + (branch.target === target ? batchSize(encoded.outputs[position]!.batch) : 0),
        0,
      ),
    );
    await lease.guard();
    // Written down before the write: a rollback after a crash must not take these rows for somebody else's.
    const keys = [...rowTexts(unit, flow.scan.description.key).values()].map((text) => JSON.parse(text) as JsonValue[]);
    await this.saveRun({ ...withRetried(this.run, planned), retrying: { flow: index, keys } });
    await fault('etl.before_write');
    const written = await writeUnit(unit, encoded, flow, targets, this.write);
    await fault('etl.after_write');
    const { retrying: _written, ...run } = withLoaded(this.run, planned, written.counts);
    await this.saveRun(run);
    for (const { inserted, replaced } of written.counts) this.counts.rows_written += inserted + replaced;
    const letters = deadLetters({
      unit,
      runId: this.run.run_id,
      attempt: this.tag,
      chunk: { id: 0, flow: index },
      flow,
      targets,
      encoded: encoded.rejected,
      written: written.rejected,
    });
    return letters.map((letter) => ({ ...letter, id: `${this.run.run_id}/${this.tag}/${this.made++}` }));
  }

  private async saveRun(run: EtlRun): Promise<void> {
    await this.parts.lease.guard();
    await this.parts.save(run);
    this.run = run;
  }
}

function withRetried(run: EtlRun, planned: readonly number[]): EtlRun {
  return {
    ...run,
    targets: run.targets.map((target, index) => ({ ...target, rows_retried: target.rows_retried + planned[index]! })),
  };
}

function withLoaded(run: EtlRun, planned: readonly number[], counts: readonly TargetCounts[]): EtlRun {
  return {
    ...run,
    targets: run.targets.map((target, index) => ({
      ...target,
      rows_loaded: (target.rows_loaded ?? 0) + counts[index]!.inserted + counts[index]!.replaced,
      rows_retried: target.rows_retried - planned[index]!,
    })),
    totals: addCounts(run.totals ?? noCounts, {
      ...noCounts,
      // What is there already was counted when it was written.
      targets: counts.map(({ inserted, replaced }) => ({ inserted, replaced, already_there: 0 })),
    }),
  };
}

import { down, type RunnerOptions, type RunReport, up } from '@polyshift/core';
import fc from 'fast-check';
import { ended, type Move, pick } from './command.ts';
import type { Model, Path } from './model.ts';

/** Any `up` or `down`: to a version, by a number of steps, or all the way. */
export const anyMove: fc.Arbitrary<Move> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Move>({ kind: 'up' }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('up' as const), to: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('down' as const), steps: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('down' as const), to: fc.nat(20) }) },
);

/** A move with the versions that the model knows. */
export interface AimedMove {
  readonly kind: Move['kind'];
  readonly to?: string | undefined;
  readonly steps?: number | undefined;
}

/** Aims a drawn move at a version of the model: of the files for `up`, of the history for `down`. */
export function aim(move: Move, model: Model): AimedMove {
  if (move.kind === 'up') return { kind: 'up', to: move.to === undefined ? undefined : pick(model.versions, move.to) };
  if (move.to === undefined) return { kind: 'down', steps: move.steps };
  return { kind: 'down', to: pick(['0', ...model.history.map(({ version }) => version)], move.to) };
}

/** The move in the model. */
export function pathOf(model: Model, move: AimedMove): Path {
  return move.kind === 'up' ? model.up(move.to) : model.down(move);
}

/** Whether anybody can say what the move does. */
export function isClear(model: Model, move: AimedMove): boolean {
  const copy = model.clone();
  ended(pathOf(copy, move));
  return !copy.vague;
}

/** The move by polyshift. */
export function runMove(options: RunnerOptions, { kind, to, steps }: AimedMove): Promise<RunReport> {
  return kind === 'up' ? up(options, { to }) : down(options, { to, steps });
}

/** The move for people. */
export function moveText(move: Move): string {
  const { kind } = move;
  const steps = kind === 'down' ? move.steps : undefined;
  return `${kind}${move.to === undefined ? '' : ` to=${move.to}`}${steps === undefined ? '' : ` steps=${steps}`}`;
}

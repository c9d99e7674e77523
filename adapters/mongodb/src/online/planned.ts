import type { Decision, Found, SideWrite } from './decide.ts';
import type { LedgerChange } from './ledger.ts';
import type { InStep } from './ledger-entry.ts';
import type { Piece, Pieces } from './pieces.ts';

/** A decision with what the ledger says when it is carried out; undefined where the document is then on neither side. */
export interface Planned {
  readonly found: Found;
  readonly decision: Decision;
  readonly pieces: Pieces;
  readonly inStep: InStep | undefined;
}

/** What the ledger is to say once it is carried out. */
export function ledgerChange({ found, inStep, pieces: { partIds } }: Planned): LedgerChange {
  return { id: found.id, entry: inStep && { inStep, parts: partIds } };
}

/** What is written on either side. */
export function writesOf(all: readonly Planned[]): SideWrite[] {
  return all.flatMap(({ decision }) => (decision.kind === 'write' ? decision.writes : []));
}

/** The pieces of all, each with what it belongs to. */
export function piecesOn(all: readonly Planned[]): { planned: Planned; piece: Piece }[] {
  return all.flatMap((planned) => planned.pieces.pieces.map((piece) => ({ planned, piece })));
}

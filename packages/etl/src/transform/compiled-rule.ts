import { type Column, castValue, type PortableType, type PortableValue, portableColumn } from '@polyshift/core';
import { castTarget } from './functions/choice.ts';

/** A rule made ready: no names, no types and no text of the spec are looked at for each row any more. */
export interface CompiledRule {
  /** The column of the target that it fills. */
  readonly column: Column;
  /** The source field that it copies as it is; undefined for every other rule. */
  readonly copies?: string;
  /** The source fields that it reads. */
  readonly reads: readonly string[];
  /** The value in the column's form; null, or undefined for a missing field. Throws ConversionError. */
  readonly evaluate: (row: unknown) => unknown;
  /** How the value is made, for the plan: `first_name + last_name`. */
  readonly text: string;
  /** What the rule itself cannot carry exactly, for the plan. */
  readonly notes: readonly string[];
}

/** A rule whose values are portable, with the cast that its `to` asks for. Throws ConversionError where there is no such type. */
export function portableRule(parts: {
  readonly target: string;
  readonly type: PortableType;
  readonly to: PortableType | string | undefined;
  readonly reads: readonly string[];
  readonly text: string;
  readonly notes?: readonly string[];
  readonly evaluate: (row: unknown) => PortableValue | undefined;
}): CompiledRule {
  const { target, type, to, reads, text, notes = [], evaluate } = parts;
  if (to === undefined) return { column: portableColumn(target, type), reads, text, notes, evaluate };
  const result = castTarget(to);
  return {
    column: portableColumn(target, result),
    reads,
    text,
    notes,
    evaluate: (row) => {
      const value = evaluate(row);
      return value === null || value === undefined ? value : castValue(type, value, result);
    },
  };
}

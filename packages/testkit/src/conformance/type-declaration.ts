import {
  type Capabilities,
  canonicalText,
  type PortableType,
  type PortableValue,
  type TypeKind,
  typeText,
} from '@polyshift/core';
import { expect } from 'vitest';

/** What happened to one value on its way into a store and back. */
export interface Fate {
  readonly type: PortableType;
  readonly value: PortableValue;
  /** What it has lost, as the sink counted it. */
  readonly losses: readonly string[];
  /** Whether the sink refused its row. */
  readonly refused: boolean;
  /** What came back; undefined where its row was refused. */
  readonly back: { readonly type: PortableType; readonly value: PortableValue } | undefined;
}

/** Holds what happened to the values of a kind against what the capabilities declare of it. */
export function holdAgainstDeclaration(capabilities: Capabilities, kind: TypeKind, fates: readonly Fate[]): void {
  const declared = capabilities.types[kind];
  const counted = new Set(fates.flatMap(({ losses }) => losses));
  for (const { type, value, losses } of fates) {
    const allowed = allowedLosses(capabilities, type);
    for (const loss of losses)
      expect(
        allowed.has(loss),
        `${kind}: the sink counts ${loss} for ${shown(type, value)}, and capabilities.types does not declare it`,
      ).toBe(true);
  }
  for (const loss of declared.losses)
    expect(
      counted.has(loss),
      `${kind}: capabilities.types declares ${loss}, and no value lost it: it is exact, or add a value that does to the option \`values\``,
    ).toBe(true);
  const refused = fates.filter((fate) => fate.refused);
  if (declared.refuses === undefined)
    expect(
      refused.map(({ type, value }) => shown(type, value)),
      `${kind}: values are refused, and capabilities.types has no \`refuses\` for it`,
    ).toEqual([]);
  else
    expect(
      refused.length,
      `${kind}: capabilities.types says that it refuses ${declared.refuses}, and no value was: add one that is to the option \`values\``,
    ).toBeGreaterThan(0);
  if (kind === 'document') holdNesting(capabilities, fates);
}

/** A store that nests gives a document back as one; one that does not can give it back as text alone. */
function holdNesting(capabilities: Capabilities, fates: readonly Fate[]): void {
  const backs = fates.filter(({ value, back }) => value !== null && back !== undefined);
  const nested = backs.every(
    ({ back }) => back!.value instanceof Map || back!.type.kind === 'json' || back!.type.kind === 'document',
  );
  expect(backs.length > 0 && nested, 'capabilities.nested').toBe(capabilities.nested);
}

/** The losses declared of a type; what contains others has theirs too. */
function allowedLosses(capabilities: Capabilities, type: PortableType): Set<string> {
  const { types } = capabilities;
  switch (type.kind) {
    case 'array':
    case 'range':
      return new Set([...types[type.kind].losses, ...allowedLosses(capabilities, type.of)]);
    case 'document':
    case 'dynamic':
      return new Set(Object.values(types).flatMap(({ losses }) => losses));
    default:
      return new Set(types[type.kind].losses);
  }
}

function shown(type: PortableType, value: PortableValue): string {
  return `${typeText(type)} ${canonicalText(type, value)}`;
}

import { type Capabilities, simpleKinds, type TypeKind, type TypeTarget, typeReference } from '@polyshift/core';
import { describe, expect, it } from 'vitest';
import { type Fate, holdAgainstDeclaration } from '../src/conformance/type-declaration.ts';
import { valueCorpus } from '../src/conformance/value-corpus.ts';

const kinds = [...new Set(valueCorpus.map(({ type }) => type.kind))];

/** Capabilities of a store that holds everything exactly, but for what is given. */
function declaring(types: Partial<Record<TypeKind, TypeTarget>>, nested = true): Capabilities {
  const all = Object.fromEntries(kinds.map((kind) => [kind, types[kind] ?? { native: kind, losses: [] }]));
  return { nested, types: all } as unknown as Capabilities;
}

function fate(change: Partial<Fate>): Fate {
  const value = '1.5';
  const type = { kind: 'decimal' } as const;
  return { type, value, losses: [], refused: false, back: { type, value }, ...change };
}

const exact = fate({});
const rounded = fate({ losses: ['rounded'] });
const refused = fate({ value: 'NaN', refused: true, back: undefined });

describe('the declaration of a type', () => {
  it('holds when it says what happens', () => {
    holdAgainstDeclaration(declaring({}), 'decimal', [exact]);
    const types = { decimal: { native: 'number', losses: ['rounded'], refuses: 'NaN' } };
    holdAgainstDeclaration(declaring(types), 'decimal', [exact, rounded, refused]);
  });

  it('fails for a loss that it does not name', () => {
    expect(() => holdAgainstDeclaration(declaring({}), 'decimal', [exact, rounded])).toThrow(/rounded .* does not declare/);
  });

  it('fails for a loss that nothing shows', () => {
    const types = { decimal: { native: 'number', losses: ['rounded'] } };
    expect(() => holdAgainstDeclaration(declaring(types), 'decimal', [exact])).toThrow(/no value lost it/);
  });

  it('fails for values that are refused and not named, and for named ones that are not', () => {
    expect(() => holdAgainstDeclaration(declaring({}), 'decimal', [exact, refused])).toThrow(/no `refuses`/);
    const types = { decimal: { native: 'number', losses: [], refuses: 'NaN' } };
    expect(() => holdAgainstDeclaration(declaring(types), 'decimal', [exact])).toThrow(/no value was/);
  });

  it('allows an array the losses of its elements, and a document those of every type', () => {
    const types = { decimal: { native: 'number', losses: ['rounded'] } };
    const array = fate({ type: { kind: 'array', of: { kind: 'decimal' } }, value: ['1.5'], losses: ['rounded'] });
    holdAgainstDeclaration(declaring(types), 'array', [array]);
    const value = new Map([['v', 1]]);
    const document = fate({
      type: { kind: 'document' },
      value,
      losses: ['rounded'],
      back: { type: { kind: 'dynamic' }, value },
    });
    holdAgainstDeclaration(declaring(types), 'document', [document]);
  });

  it('fails where nesting is declared and a document comes back as text, or the other way round', () => {
    const value = new Map([['v', 1]]);
    const nested = fate({ type: { kind: 'document' }, value, back: { type: { kind: 'dynamic' }, value } });
    const flat = fate({ type: { kind: 'document' }, value, back: { type: { kind: 'text' }, value: '{"v":1}' } });
    holdAgainstDeclaration(declaring({}, true), 'document', [nested]);
    holdAgainstDeclaration(declaring({}, false), 'document', [flat]);
    expect(() => holdAgainstDeclaration(declaring({}, false), 'document', [nested])).toThrow(/nested/);
    expect(() => holdAgainstDeclaration(declaring({}, true), 'document', [flat])).toThrow(/nested/);
  });
});

describe('the corpus of values', () => {
  it('has every kind of type, and only types that can be written in a document', () => {
    expect([...kinds].sort()).toEqual([...simpleKinds, 'enum', 'array', 'range', 'native'].sort());
    for (const { type } of valueCorpus) expect(typeReference.safeParse(type).success, JSON.stringify(type)).toBe(true);
  });
});

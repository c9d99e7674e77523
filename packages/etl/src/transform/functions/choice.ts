import {
  ConversionError,
  canonicalText,
  castTargets,
  castValue,
  type PortableType,
  type PortableValue,
  portableTypeOf,
  toDynamic,
  typeText,
} from '@polyshift/core';
import { type Argument, type BoundFunction, type BuiltInFunction, literal } from './function.ts';

/** The common type of the arguments, or `dynamic`, and how a value of each is brought to it. */
function unified(args: readonly Argument[]): {
  type: PortableType;
  bring: (index: number, value: PortableValue) => PortableValue;
} {
  const typed = args.filter((argument) => !(argument.kind === 'literal' && argument.value === null));
  // Literals of the spec take the type of the fields beside them, where they can.
  const leading = typed.find((argument) => argument.kind === 'field')?.type ?? typed[0]?.type ?? ({ kind: 'text' } as const);
  const fields = typed.filter((argument) => argument.kind === 'field');
  const same = fields.every((argument) => JSON.stringify(argument.type) === JSON.stringify(leading));
  if (!same) return { type: { kind: 'dynamic' }, bring: (index, value) => toDynamic(args[index]!.type, value) };
  const literals = new Map<number, PortableValue>();
  for (const [index, argument] of args.entries()) {
    if (argument.kind !== 'literal' || argument.value === null) continue;
    try {
      literals.set(index, castValue(argument.type, argument.value, leading));
    } catch (error) {
      if (!(error instanceof ConversionError)) throw error;
      throw new ConversionError(`the literal does not fit the ${typeText(leading)} beside it: ${error.message}`);
    }
  }
  return { type: leading, bring: (index, value) => literals.get(index) ?? value };
}

function firstPresent(args: readonly Argument[]): BoundFunction {
  const { type, bring } = unified(args);
  return {
    type,
    call: (values) => {
      const index = values.findIndex((value) => value !== null && value !== undefined);
      return index < 0 ? null : bring(index, values[index]!);
    },
  };
}

/** Functions that choose between values, and `cast`. */
export const choiceFunctions = {
  coalesce: {
    summary: 'The first argument that is not null.',
    parameters: [{ name: 'value', accepts: 'any', summary: 'a value', repeated: true }],
    result: 'the common type, else dynamic',
    nulls: 'passed',
    example: { args: [null, 'b'], result: 'b' },
    bind: firstPresent,
  },
  if_null: {
    summary: 'The value, or the replacement where it is null.',
    parameters: [
      { name: 'value', accepts: 'any', summary: 'the value' },
      { name: 'replacement', accepts: 'any', summary: 'what stands for null' },
    ],
    result: 'the common type, else dynamic',
    nulls: 'passed',
    example: { args: [null, 0], result: 0 },
    bind: firstPresent,
  },
  null_if: {
    summary: 'Null where the value equals another one, else the value.',
    parameters: [
      { name: 'value', accepts: 'any', summary: 'the value' },
      { name: 'other', accepts: 'any', summary: 'the value that stands for null' },
    ],
    result: 'the type of the value',
    nulls: 'passed',
    example: { args: ['n/a', 'n/a'], result: null },
    bind: (args) => {
      const { type, bring } = unified(args);
      const text = (index: number, value: PortableValue) => canonicalText(type, bring(index, value));
      return {
        type,
        call: ([value, other]) => {
          if (value === null || value === undefined) return null;
          if (other === null || other === undefined) return bring(0, value);
          return text(0, value) === text(1, other) ? null : bring(0, value);
        },
      };
    },
  },
  cast: {
    summary:
      'The value in another type: exact, or rounded as the type says (decimal with a scale). Cast to text gives ISO 8601 for times and JSON for documents and arrays.',
    parameters: [
      { name: 'value', accepts: 'any', summary: 'the value' },
      {
        name: 'type',
        accepts: 'any',
        summary: `a portable type: ${castTargets.join(', ')}, or with parameters {kind: decimal, precision: 12, scale: 2}`,
        literal: true,
      },
    ],
    result: 'the type named',
    type: (args) => castTarget(literal(args, 1)),
    nulls: 'null',
    example: { args: ['42', 'int64'], result: 42 },
    bind: (args) => {
      const target = castTarget(literal(args, 1));
      return { type: target, call: ([value]) => castValue(args[0]!.type, value as PortableValue, target) };
    },
  },
} as const satisfies Record<string, BuiltInFunction>;

/** The type that a spec names for a cast. Throws ConversionError. */
export function castTarget(named: PortableValue | PortableType | undefined): PortableType {
  const type =
    typeof named === 'string'
      ? portableTypeOf(named)
      : named instanceof Map
        ? (plainType(named) as PortableType)
        : (named as PortableType | undefined);
  if (type === undefined || !castTargets.includes(type.kind)) {
    throw new ConversionError(
      `"${typeof named === 'string' ? named : (type?.kind ?? '')}" is not a type to cast to; there are ${castTargets.join(', ')}`,
    );
  }
  return type;
}

function plainType(map: Map<string, PortableValue>): unknown {
  return Object.fromEntries([...map].map(([key, value]) => [key, value instanceof Map ? plainType(value) : value]));
}

import {
  ConversionError,
  castTargets,
  castValue,
  dynamicType,
  isNumeric,
  isTime,
  nearest,
  PolyshiftError,
  type PortableType,
  type PortableValue,
  Tagged,
  type TypeKind,
  timestampText,
  toDynamic,
} from '@polyshift/core';
import { plainForm } from '../../values/plain-form.ts';
import { microsOf } from '../instants.ts';
import { invalid, type Operator, ofNamed, ofOne, type Result } from '../operator.ts';

/** The names of types in $convert that differ from those of portable types, and their numbers. */
const targetNames: Readonly<Record<string, TypeKind>> = {
  1: 'float64',
  double: 'float64',
  2: 'text',
  string: 'text',
  7: 'object_id',
  objectId: 'object_id',
  8: 'boolean',
  bool: 'boolean',
  9: 'timestamptz',
  date: 'timestamptz',
  16: 'int32',
  int: 'int32',
  18: 'int64',
  long: 'int64',
  19: 'decimal',
};

/** The names that $type gives, where they are not those of portable types. */
const typeNames: Readonly<Partial<Record<TypeKind, string>>> = {
  boolean: 'bool',
  int16: 'int',
  int32: 'int',
  int64: 'long',
  float32: 'double',
  float64: 'double',
  text: 'string',
  enum: 'string',
  uuid: 'binData',
  bytes: 'binData',
  date: 'date',
  timestamp: 'date',
  timestamptz: 'date',
  document: 'object',
  object_id: 'objectId',
};

/** Conversions: exact, or refused (`$toInt` cuts nothing off: round first). Null where the value is null or missing. */
export const conversionOperators: Readonly<Record<string, Operator>> = {
  $toString: to('text'),
  $toInt: to('int32'),
  $toLong: to('int64'),
  $toDouble: to('float64'),
  $toDecimal: to('decimal'),
  $toBool: to('boolean'),
  $toDate: to('timestamptz'),
  $toObjectId: to('object_id'),
  $convert: ofNamed(['input', 'to'], ['onError', 'onNull'], ({ input, onError, onNull }, raw, name) => {
    const target = targetOf(raw['to'], name);
    return (document) => {
      const value = input!(document);
      if (value === null || value === undefined) return onNull ? onNull(document) : null;
      try {
        return converted(value, target, name);
      } catch (error) {
        if (!onError || !(error instanceof PolyshiftError)) throw error;
        return onError(document);
      }
    };
  }),
  $type: ofOne((value) => typeName(value)),
  $isNumber: ofOne((value) => isNumeric(kindOf(value) ?? 'text')),
  $isArray: ofOne((value) => kindOf(value) === 'array'),
};

function to(kind: TypeKind): Operator {
  return ofOne((value, name) =>
    value === null || value === undefined ? null : converted(value, { kind } as PortableType, name),
  );
}

function converted(value: PortableValue, target: PortableType, name: string): PortableValue {
  const plain = plainForm(value);
  const kind = kindOf(plain)!;
  try {
    // Dates are numbers of milliseconds since 1970 where they meet numbers.
    if (isTime(kind) && isNumeric(target.kind)) return cast(microsOf(plain, name) / 1000n, target);
    if (isNumeric(kind) && target.kind === 'timestamptz') {
      const milliseconds = castValue({ kind: 'dynamic' }, plain, { kind: 'int64' }) as bigint;
      return new Tagged(target, timestampText(milliseconds * 1000n, 'Z'));
    }
    return cast(plain, target);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    throw new PolyshiftError('CONVERSION_FAILED', `${name}: ${error.message}.`, { cause: error });
  }
}

function cast(value: PortableValue, target: PortableType): PortableValue {
  return toDynamic(target, castValue({ kind: 'dynamic' }, value, target));
}

function targetOf(name: unknown, operator: string): PortableType {
  const text = String(name);
  const kind = Object.hasOwn(targetNames, text) ? targetNames[text] : castTargets.find((each) => each === text);
  if (kind !== undefined) return { kind } as PortableType;
  const names = [...new Set([...Object.keys(targetNames).filter((each) => !/^\d/.test(each)), ...castTargets])];
  const close = nearest(text, names);
  throw invalid(
    `${operator} converts to no ${JSON.stringify(name)}`,
    `${close === undefined ? '' : `Did you mean ${close}? `}Types are ${names.join(', ')}.`,
  );
}

function kindOf(value: Result): TypeKind | undefined {
  return value === undefined ? undefined : dynamicType(plainForm(value))?.kind;
}

function typeName(value: Result): string {
  if (value === undefined) return 'missing';
  const kind = kindOf(value);
  return kind === undefined ? 'null' : (typeNames[kind] ?? kind);
}

import { z } from 'zod';

/**
 * The types that every adapter speaks about. An adapter maps each native type of its store to one of these and says in its
 * conversions what is lost on the way back. `native` keeps the store's own name, so that a move inside one store loses nothing.
 */
export type PortableType =
  | { readonly kind: 'boolean' }
  | { readonly kind: 'int16' }
  | { readonly kind: 'int32' }
  | { readonly kind: 'int64' }
  | { readonly kind: 'float32' }
  | { readonly kind: 'float64' }
  /** Decimal digits of any number; NaN and the infinities included. */
  | { readonly kind: 'decimal'; readonly precision?: number; readonly scale?: number }
  | { readonly kind: 'text'; readonly max_length?: number }
  | { readonly kind: 'uuid' }
  | { readonly kind: 'bytes' }
  | { readonly kind: 'date' }
  | { readonly kind: 'time' }
  | { readonly kind: 'time_tz' }
  /** A date and time of no zone, in microseconds. */
  | { readonly kind: 'timestamp' }
  /** An instant, in microseconds. */
  | { readonly kind: 'timestamptz' }
  | { readonly kind: 'interval' }
  /** JSON text, kept to the letter. */
  | { readonly kind: 'json' }
  | { readonly kind: 'enum'; readonly values: readonly string[] }
  | { readonly kind: 'array'; readonly of: PortableType }
  | { readonly kind: 'range'; readonly of: PortableType }
  /** inet, cidr and hardware addresses, as text. */
  | { readonly kind: 'network' }
  | { readonly kind: 'bits' }
  /** A 12-byte MongoDB ObjectId, as 24 hexadecimal digits. */
  | { readonly kind: 'object_id' }
  /** Named fields with values of any type. */
  | { readonly kind: 'document' }
  /** The type differs from value to value; each value says its own by what it is (see portable-value.ts). */
  | { readonly kind: 'dynamic' }
  /** A type of one store that no other has (point, tsvector, regular expression): carried as the store's own text. */
  | { readonly kind: 'native'; readonly name: string };

/** The discriminant of a portable type. */
export type TypeKind = PortableType['kind'];

/** Kinds that take no parameter and can be written as a bare name in a document: `to: int64`. */
export const simpleKinds = [
  'boolean',
  'int16',
  'int32',
  'int64',
  'float32',
  'float64',
  'decimal',
  'text',
  'uuid',
  'bytes',
  'date',
  'time',
  'time_tz',
  'timestamp',
  'timestamptz',
  'interval',
  'json',
  'network',
  'bits',
  'object_id',
  'document',
  'dynamic',
] as const satisfies readonly TypeKind[];

const parameterised: z.ZodType<PortableType> = z.lazy(() =>
  z.discriminatedUnion('kind', [
    ...simpleKinds
      .filter((kind) => kind !== 'decimal' && kind !== 'text')
      .map((kind) => z.strictObject({ kind: z.literal(kind) })),
    z.strictObject({ kind: z.literal('decimal'), precision: z.int().positive().optional(), scale: z.int().optional() }),
    z.strictObject({ kind: z.literal('text'), max_length: z.int().positive().optional() }),
    z.strictObject({ kind: z.literal('enum'), values: z.array(z.string()).min(1) }),
    z.strictObject({ kind: z.literal('array'), of: parameterised }),
    z.strictObject({ kind: z.literal('range'), of: parameterised }),
    z.strictObject({ kind: z.literal('native'), name: z.string().min(1) }),
  ] as unknown as [z.ZodObject<{ kind: z.ZodLiteral<string> }>]),
) as unknown as z.ZodType<PortableType>;

/**
 * A type as users write it: a portable kind (`int64`), a portable type with parameters ({kind: decimal, precision: 12, scale: 2}), or
 * any other text, which is a native type of the store, taken by its own grammar (`varchar(40)`, `numeric(12,2)`).
 */
export const typeReference = z.union([parameterised, z.string().min(1)]);

/** See {@link typeReference}. */
export type TypeReference = PortableType | string;

/** The portable type that a reference names, or undefined where the text is a native type of the store. */
export function portableTypeOf(reference: TypeReference): PortableType | undefined {
  if (typeof reference !== 'string') return reference;
  return (simpleKinds as readonly string[]).includes(reference) ? ({ kind: reference } as PortableType) : undefined;
}

/** The type as short text for people: `array of int32`, `decimal(12,2)`. */
export function typeText(type: PortableType): string {
  switch (type.kind) {
    case 'array':
    case 'range':
      return `${type.kind} of ${typeText(type.of)}`;
    case 'decimal':
      return type.precision === undefined ? 'decimal' : `decimal(${type.precision},${type.scale ?? 0})`;
    case 'text':
      return type.max_length === undefined ? 'text' : `text(${type.max_length})`;
    case 'enum':
      return `enum(${type.values.join(', ')})`;
    case 'native':
      return `native ${type.name}`;
    default:
      return type.kind;
  }
}

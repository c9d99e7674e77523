import { isInteger, isNumeric, isTime, type PortableType, type PortableValue, type TypeKind } from '@polyshift/core';

/** What an argument is at the time of compilation: a field with its type, or a literal of the spec. */
export type Argument =
  | { readonly kind: 'field'; readonly name: string; readonly type: PortableType }
  | { readonly kind: 'literal'; readonly type: PortableType; readonly value: PortableValue };

/** A function for arguments of known types. */
export interface BoundFunction {
  readonly type: PortableType;
  /** Arguments are null where the function passes nulls, and undefined for missing fields of documents there; throws ConversionError. */
  readonly call: (args: readonly (PortableValue | undefined)[]) => PortableValue;
}

const isText = (kind: TypeKind): boolean => ['text', 'enum', 'uuid', 'network', 'native', 'object_id', 'bits'].includes(kind);

/** The kinds of argument that a parameter takes, by the name shown in the reference. */
export const argumentGroups = {
  any: () => true,
  text: isText,
  number: isNumeric,
  integer: isInteger,
  time: isTime,
  json: (kind: TypeKind) => ['json', 'document', 'array', 'text'].includes(kind),
  'text or number': (kind: TypeKind) => isText(kind) || isNumeric(kind),
  'text or array': (kind: TypeKind) => isText(kind) || kind === 'array',
  array: (kind: TypeKind) => kind === 'array',
  'array or JSON': (kind: TypeKind) => kind === 'array' || kind === 'json',
  object: (kind: TypeKind) => kind === 'document',
} as const satisfies Record<string, (kind: TypeKind) => boolean>;

/** A group of argument types. */
export type ArgumentGroup = keyof typeof argumentGroups;

/** One parameter of a built-in function. */
export interface Parameter {
  readonly name: string;
  readonly accepts: ArgumentGroup;
  readonly summary: string;
  readonly optional?: true;
  /** Must be {value: literal}, so that it is known before the first row. */
  readonly literal?: true;
  /** Any number of further arguments of this kind. */
  readonly repeated?: true;
}

/** A built-in function: its implementation and its entry in the reference. */
export interface BuiltInFunction {
  /** One sentence for the reference. */
  readonly summary: string;
  readonly parameters: readonly Parameter[];
  /** The type of the result, in words. */
  readonly result: string;
  /** `null`: the result is null as soon as an argument is (nothing is called); `passed`: the function is given nulls. */
  readonly nulls: 'null' | 'passed';
  /** The type of the result where it is the same for arguments of any type; also for values whose type is known with each row only. */
  readonly type?: PortableType | ((args: readonly Argument[]) => PortableType);
  /** For the reference, and run by a test: arguments as literals, and the result as JSON. */
  readonly example: { readonly args: readonly unknown[]; readonly result: unknown };
  /** Makes the function for arguments whose number and types have been checked. Throws ConversionError for a literal that does not fit. */
  bind(args: readonly Argument[]): BoundFunction;
}

/** The value of a literal argument, or undefined where it was left out. */
export function literal(args: readonly Argument[], index: number): PortableValue | undefined {
  const argument = args[index];
  return argument?.kind === 'literal' ? argument.value : undefined;
}

/** The portable type `text`. */
export const textType: PortableType = { kind: 'text' };

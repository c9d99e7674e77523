import {
  dynamicType,
  type JsonObject,
  type JsonValue,
  PolyshiftError,
  type PortableDocument,
  type PortableValue,
  typeText,
} from '@polyshift/core';
import { plainForm } from '../values/plain-form.ts';

/** A value, or undefined for what is missing. */
export type Result = PortableValue | undefined;

/** A compiled expression. Throws CONVERSION_FAILED for values that an operator does not take. */
export type Evaluate = (document: PortableDocument) => Result;

/** Compiles an expression inside of another. */
export type CompileInner = (expression: JsonValue) => Evaluate;

/** Compiles the argument of one operator. Throws INVALID_DOCUMENT. */
export type Operator = (argument: JsonValue, compile: CompileInner, name: string) => Evaluate;

/** How many arguments an operator takes. */
interface Arity {
  readonly least: number;
  readonly most?: number;
}

/** An operator over the values of its arguments, given as a list; a single one may stand alone. */
export function ofValues(arity: Arity, compute: (values: Result[], name: string) => Result): Operator {
  return (argument, compile, name) => {
    const list = Array.isArray(argument) ? argument : [argument];
    if (list.length < arity.least || list.length > (arity.most ?? Infinity)) throw wrongCount(name, arity, list.length);
    const inner = list.map(compile);
    return (document) =>
      compute(
        inner.map((evaluate) => evaluate(document)),
        name,
      );
  };
}

/** An operator over one value. */
export function ofOne(compute: (value: Result, name: string) => Result): Operator {
  return ofValues({ least: 1, most: 1 }, ([value], name) => compute(value, name));
}

/** An operator over values none of which may be null or missing: it is null where one is. */
export function ofPresent(arity: Arity, compute: (values: PortableValue[], name: string) => Result): Operator {
  return ofValues(arity, (values, name) => {
    const present = values.filter((value) => value !== null && value !== undefined).map(plainForm);
    return present.length < values.length ? null : compute(present, name);
  });
}

/** An operator with named arguments. */
export function ofNamed<Name extends string>(
  required: readonly Name[],
  optional: readonly Name[],
  build: (given: Partial<Record<Name, Evaluate>>, raw: JsonObject, name: string) => Evaluate,
): Operator {
  return (argument, compile, name) => {
    const names: readonly string[] = [...required, ...optional];
    if (typeof argument !== 'object' || argument === null || Array.isArray(argument))
      throw invalid(`${name} needs an object with ${names.join(', ')}`);
    const unknown = Object.keys(argument).find((key) => !names.includes(key));
    if (unknown !== undefined) throw invalid(`${name} has no ${unknown}`, `It takes ${names.join(', ')}.`);
    const missing = required.find((key) => !Object.hasOwn(argument, key));
    if (missing !== undefined) throw invalid(`${name} needs ${missing}`, `It takes ${names.join(', ')}.`);
    const compiled = Object.entries(argument).map(([key, value]) => [key, compile(value)] as const);
    return build(Object.fromEntries(compiled) as Partial<Record<Name, Evaluate>>, argument, name);
  };
}

/** The error of an expression that cannot be compiled. */
export function invalid(message: string, hint?: string): PolyshiftError {
  return new PolyshiftError('INVALID_DOCUMENT', `${message}.`, hint === undefined ? {} : { hint });
}

/** The error of a value that an operator does not take. */
export function unfit(name: string, wanted: string, value: Result): PolyshiftError {
  return new PolyshiftError('CONVERSION_FAILED', `${name} takes ${wanted}, not ${kindText(value)}.`);
}

function kindText(value: Result): string {
  if (value === undefined) return 'a missing field';
  const type = dynamicType(value);
  return type === undefined ? 'null' : typeText(type);
}

function wrongCount(name: string, { least, most }: Arity, count: number): PolyshiftError {
  const wanted = least === most ? `${least}` : most === undefined ? `at least ${least}` : `${least} to ${most}`;
  return invalid(`${name} takes ${wanted} ${wanted === '1' ? 'argument' : 'arguments'}, not ${count}`);
}

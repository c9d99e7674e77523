import { Environment } from '@marcbachmann/cel-js';
import { castValue, compareDecimals, decimalArithmetic, digitsOf, roundDecimal, timestampText } from '@polyshift/core';
import { celLimits } from './limits.ts';
import { registerMatches } from './matches.ts';

/** A decimal in an expression: exact, where a double would round. */
export class CelDecimal {
  readonly digits: string;
  constructor(digits: string) {
    this.digits = digits;
  }
}

type Operand = CelDecimal | bigint | number;

const timestamp = 'google.protobuf.Timestamp';
const arithmetic = ['+', '-', '*', '/', '%'] as const;
const comparisons = {
  '<': (order: number) => order < 0,
  '<=': (order: number) => order <= 0,
  '>': (order: number) => order > 0,
  '>=': (order: number) => order >= 0,
  '==': (order: number) => order === 0,
} as const;

function digits(operand: Operand): string {
  if (operand instanceof CelDecimal) return operand.digits;
  return typeof operand === 'bigint' ? operand.toString() : digitsOf({ kind: 'float64' }, operand);
}

/**
 * The language of expressions: CEL with a type `decimal` that computes exactly with itself, ints and doubles (a double counts as the digits it
 * is written with), texts of timestamps, and comparisons of every type with null.
 */
function baseEnvironment(): Environment {
  const environment = new Environment({ homogeneousAggregateLiterals: false, limits: celLimits });
  environment.registerType('decimal', { ctor: CelDecimal, fields: { digits: 'string' } });
  for (const [left, right] of [
    ['decimal', 'decimal'],
    ['decimal', 'int'],
    ['int', 'decimal'],
    ['decimal', 'double'],
    ['double', 'decimal'],
  ]) {
    for (const operator of arithmetic) {
      environment.registerOperator(
        `${left} ${operator} ${right}`,
        (a: Operand, b: Operand) => new CelDecimal(decimalArithmetic(operator, digits(a), digits(b))),
      );
    }
    for (const [operator, holds] of Object.entries(comparisons)) {
      // A mirrored pair may have come with the one before it.
      registerOnce(environment, `${left} ${operator} ${right}`, (a, b) =>
        holds(compareDecimals(digits(a as Operand), digits(b as Operand))),
      );
    }
  }
  environment.registerFunction('decimal(string): decimal', (text: string) => new CelDecimal(digitsOf({ kind: 'text' }, text)));
  environment.registerFunction('decimal(int): decimal', (value: bigint) => new CelDecimal(digits(value)));
  environment.registerFunction('decimal(double): decimal', (value: number) => new CelDecimal(digits(value)));
  environment.registerFunction('double(decimal): double', (value: CelDecimal) => Number(value.digits));
  environment.registerFunction('int(decimal): int', (value: CelDecimal) =>
    castValue({ kind: 'decimal' }, value.digits, { kind: 'int64' }),
  );
  environment.registerFunction('string(decimal): string', (value: CelDecimal) => value.digits);
  environment.registerFunction(
    'round(decimal, int): decimal',
    (value: CelDecimal, places: bigint) => new CelDecimal(roundDecimal(value.digits, Number(places))),
  );
  environment.registerFunction(`string(${timestamp}): string`, (value: Date) =>
    timestampText(BigInt(value.getTime()) * 1000n, 'Z'),
  );
  registerMatches(environment);
  for (const type of ['bool', 'int', 'double', 'decimal', 'string', 'bytes', 'list', 'map', timestamp]) {
    registerOnce(environment, `${type} == null`, (left, right) => left === right);
    registerOnce(environment, `null == ${type}`, (left, right) => left === right);
  }
  return environment;
}

function registerOnce(environment: Environment, operator: string, handler: (left: unknown, right: unknown) => boolean): void {
  try {
    environment.registerOperator(operator, handler);
  } catch (error) {
    if (!/already registered/.test((error as Error).message)) throw error;
  }
}

let shared: Environment | undefined;

/** An environment of its own for one expression; variables are yet to be registered. */
export function celEnvironment(): Environment {
  shared ??= baseEnvironment();
  return shared.clone();
}

import {
  ConversionError,
  castValue,
  decimalArithmetic,
  digitsOf,
  isInteger,
  type PortableType,
  type PortableValue,
  roundDecimal,
} from '@polyshift/core';
import type { Argument, BoundFunction, BuiltInFunction } from './function.ts';

const isFloat = (type: PortableType) => type.kind === 'float32' || type.kind === 'float64';

/**
 * Integers are computed as int64, decimals exactly; with a float on either side the result is a float64. A decimal literal of the spec
 * (1.19) goes with the type of the other side.
 */
function arithmetic(operator: '+' | '-' | '*', args: readonly Argument[]): BoundFunction {
  const [left, right] = args.map((argument) => argument.type) as [PortableType, PortableType];
  if (isFloat(left) || isFloat(right)) {
    const compute = {
      '+': (a: number, b: number) => a + b,
      '-': (a: number, b: number) => a - b,
      '*': (a: number, b: number) => a * b,
    };
    return { type: { kind: 'float64' }, call: ([a, b]) => compute[operator](Number(a), Number(b)) };
  }
  if (isInteger(left.kind) && isInteger(right.kind)) {
    return {
      type: { kind: 'int64' },
      call: ([a, b]) => {
        const [left, right] = [BigInt(a as number | bigint), BigInt(b as number | bigint)];
        const result = operator === '+' ? left + right : operator === '-' ? left - right : left * right;
        if (BigInt.asIntN(64, result) !== result) throw new ConversionError(`${a} ${operator} ${b} is beyond the range of int64`);
        return result;
      },
    };
  }
  return {
    type: { kind: 'decimal' },
    call: ([a, b]) => decimalArithmetic(operator, digitsOf(left, a as PortableValue), digitsOf(right, b as PortableValue)),
  };
}

function operation(summary: string, operator: '+' | '-' | '*', example: BuiltInFunction['example']): BuiltInFunction {
  return {
    summary: `${summary} Exact on integers and decimals; float64 where one side is a float.`,
    parameters: [
      { name: 'left', accepts: 'number', summary: 'the left side' },
      { name: 'right', accepts: 'number', summary: 'the right side' },
    ],
    result: 'int64 of integers, decimal of decimals, float64 of floats',
    nulls: 'null',
    example,
    bind: (args) => arithmetic(operator, args),
  };
}

/** Functions on numbers. */
export const numberFunctions = {
  add: operation('The sum.', '+', { args: [2, 3], result: 5 }),
  subtract: operation('The difference.', '-', { args: [2, 3], result: -1 }),
  multiply: operation('The product.', '*', { args: [2, 1.5], result: '3.0' }),
  divide: {
    summary: 'The quotient: a decimal with 20 digits more than its operands, rounded; float64 where one side is a float.',
    parameters: [
      { name: 'dividend', accepts: 'number', summary: 'what is divided' },
      { name: 'divisor', accepts: 'number', summary: 'by what; zero rejects the row' },
    ],
    result: 'decimal, or float64 of floats',
    nulls: 'null',
    example: { args: [7, 2], result: '3.5' },
    bind: (args) => {
      const [left, right] = args.map((argument) => argument.type) as [PortableType, PortableType];
      if (isFloat(left) || isFloat(right)) {
        return {
          type: { kind: 'float64' },
          call: ([a, b]) => {
            if (Number(b) === 0) throw new ConversionError('division by zero');
            return Number(a) / Number(b);
          },
        };
      }
      return {
        type: { kind: 'decimal' },
        call: ([a, b]) => decimalArithmetic('/', digitsOf(left, a as PortableValue), digitsOf(right, b as PortableValue)),
      };
    },
  },
  round: {
    summary: 'The number rounded half away from zero.',
    parameters: [
      { name: 'number', accepts: 'number', summary: 'the number' },
      {
        name: 'digits',
        accepts: 'integer',
        summary: 'digits after the point, negative before it, -100 to 100; 0 where missing',
        optional: true,
      },
    ],
    result: 'the type of the number',
    nulls: 'null',
    example: { args: [2.345, 2], result: '2.35' },
    bind: ([number]) => {
      const { type } = number!;
      return {
        type,
        call: ([value, digits = 0]) => {
          if (Math.abs(Number(digits)) > 100) throw new ConversionError('round takes -100 to 100 digits');
          if (isFloat(type) && !Number.isFinite(value as number)) return value as number;
          const rounded = roundDecimal(digitsOf(type, value as PortableValue), Number(digits));
          return castValue({ kind: 'decimal' }, rounded, isInteger(type.kind) || isFloat(type) ? type : { kind: 'decimal' });
        },
      };
    },
  },
  abs: {
    summary: 'The number without its sign.',
    parameters: [{ name: 'number', accepts: 'number', summary: 'the number' }],
    result: 'the type of the number',
    nulls: 'null',
    example: { args: [-3], result: 3 },
    bind: ([number]) => ({
      type: number!.type,
      call: ([value]) => {
        if (typeof value === 'string') return value.replace(/^-/, '');
        if (typeof value === 'number') return castValue({ kind: 'float64' }, Math.abs(value), number!.type);
        return castValue({ kind: 'decimal' }, String(value).replace(/^-/, ''), number!.type);
      },
    }),
  },
} as const satisfies Record<string, BuiltInFunction>;

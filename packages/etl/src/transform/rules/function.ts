import {
  ConversionError,
  dynamicOfPlain,
  dynamicType,
  literalOf,
  nearest,
  type PortableType,
  type PortableValue,
  plainOf,
  Tagged,
  toDynamic,
  typeText,
} from '@polyshift/core';
import type { FunctionRule } from '../../spec/rule.ts';
import { type CompiledRule, portableRule } from '../compiled-rule.ts';
import {
  type Argument,
  argumentGroups,
  type BoundFunction,
  type BuiltInFunction,
  type Parameter,
} from '../functions/function.ts';
import { builtInFunctions } from '../functions/registry.ts';
import type { UserFunctions } from '../functions/user-functions.ts';
import { fieldValue, type Input, type InputField } from '../input.ts';
import { RuleError } from '../rule-error.ts';
import { inputField } from './field.ts';

type Reader = (row: unknown) => PortableValue | undefined;

/** Calls a built-in function, or one of the user's module (which wins where both have the name). */
export function compileFunction(target: string, rule: FunctionRule, input: Input, users: UserFunctions): CompiledRule {
  const fields: (InputField | undefined)[] = [];
  const args = rule.args.map((argument, index): Argument => {
    if (typeof argument !== 'string') return { kind: 'literal', ...literalOf(argument.value) };
    refuseFieldForLiteral(rule.function, users, argument, index);
    const field = inputField(input, argument, ['args', index]);
    fields[index] = field;
    return { kind: 'field', name: field.name, type: field.column.type };
  });
  const readers = args.map((argument, index): Reader => {
    if (argument.kind === 'literal') return () => argument.value;
    const field = fields[index]!;
    return (row) => fieldValue(field, row);
  });
  const bound = bind(rule.function, args, users);
  return portableRule({
    target,
    type: bound.type,
    to: rule.to,
    reads: rule.args.filter((argument) => typeof argument === 'string'),
    text: `${rule.function}(${rule.args.map((argument) => (typeof argument === 'string' ? argument : JSON.stringify(argument.value))).join(', ')})`,
    evaluate: (row) => bound.call(readers.map((read) => read(row))),
  });
}

function bind(name: string, args: readonly Argument[], users: UserFunctions): BoundFunction {
  const user = users.get(name);
  if (user) {
    const types = args.map((argument) => argument.type);
    return {
      type: { kind: 'dynamic' },
      call: (values) => {
        const plain = values.map((value, index) => plainOf(types[index]!, value ?? null));
        let result: unknown;
        try {
          result = user(...plain);
        } catch (error) {
          throw new ConversionError(`${name} threw ${error instanceof Error ? error.message : String(error)}`);
        }
        if (result instanceof Promise)
          throw new ConversionError(`${name} is asynchronous; functions of rules must return the value itself`);
        return dynamicOfPlain(result);
      },
    };
  }
  const definition = Object.hasOwn(builtInFunctions, name) ? builtInFunctions[name] : undefined;
  if (!definition) {
    const near = nearest(name, [...Object.keys(builtInFunctions), ...users.keys()]);
    throw new RuleError('UNKNOWN_FUNCTION', `there is no function "${name}"`, {
      path: ['function'],
      hint: near
        ? `Did you mean "${near}"?`
        : `Built in are ${Object.keys(builtInFunctions).join(', ')}; export others from the module under \`functions\`.`,
    });
  }
  return bindBuiltIn(name, definition, args);
}

/** Checks the arguments and binds the function; where their types are known with each row only, it is bound once for each set of types that comes. */
function bindBuiltIn(name: string, definition: BuiltInFunction, args: readonly Argument[]): BoundFunction {
  checkCount(name, definition, args);
  for (const [index, argument] of args.entries()) checkArgument(name, definition, argument, index);
  const skipNulls = definition.nulls === 'null';
  const strict = (bound: BoundFunction): BoundFunction['call'] =>
    skipNulls
      ? (values) => (values.some((value) => value === null || value === undefined) ? null : bound.call(values))
      : bound.call;
  if (!args.some((argument) => argument.type.kind === 'dynamic')) {
    const bound = bindChecked(name, definition, args);
    return { type: bound.type, call: strict(bound) };
  }
  const type = lateType(name, definition, args);
  return { type, call: lateBound(name, definition, args, skipNulls, type) };
}

function lateBound(
  name: string,
  definition: BuiltInFunction,
  args: readonly Argument[],
  skipNulls: boolean,
  type: PortableType,
): BoundFunction['call'] {
  // With literals alone known, a fault in one of them is still found before the first row.
  const known = new Map<string, BoundFunction>();
  return (values) => {
    if (skipNulls && values.some((value) => value === null || value === undefined)) return null;
    const types = args.map((argument, index): PortableType => {
      if (argument.type.kind !== 'dynamic') return argument.type;
      const value = values[index];
      return (value === null || value === undefined ? undefined : dynamicType(value)) ?? { kind: 'text' };
    });
    const key = JSON.stringify(types);
    let bound = known.get(key);
    if (!bound) {
      const typed = args.map((argument, index): Argument => ({ ...argument, type: types[index]! }));
      for (const [index, argument] of typed.entries()) {
        const parameter = parameterAt(definition, index);
        if (!argumentGroups[parameter.accepts](argument.type.kind))
          throw new ConversionError(mismatch(name, parameter, argument.type));
      }
      bound = definition.bind(typed);
      if (known.size < 1000) known.set(key, bound);
    }
    const result = bound.call(
      values.map((value, index) => (args[index]!.type.kind === 'dynamic' && value instanceof Tagged ? value.value : value)),
    );
    return type.kind === 'dynamic' ? toDynamic(bound.type, result) : result;
  };
}

function lateType(name: string, definition: BuiltInFunction, args: readonly Argument[]): PortableType {
  const { type } = definition;
  if (type === undefined) return { kind: 'dynamic' };
  return typeof type === 'function' ? faultsPlaced(name, () => type(args)) : type;
}

function bindChecked(name: string, definition: BuiltInFunction, args: readonly Argument[]): BoundFunction {
  return faultsPlaced(name, () => definition.bind(args));
}

function faultsPlaced<Result>(name: string, bind: () => Result): Result {
  try {
    return bind();
  } catch (error) {
    if (error instanceof ConversionError)
      throw new RuleError('INVALID_EXPRESSION', `${name}: ${error.message}`, { path: ['args'] });
    throw error;
  }
}

function parameterAt(definition: BuiltInFunction, index: number): Parameter {
  return definition.parameters[Math.min(index, definition.parameters.length - 1)]!;
}

function checkCount(name: string, definition: BuiltInFunction, args: readonly Argument[]): void {
  const { parameters } = definition;
  const least = parameters.filter((parameter) => !parameter.optional).length;
  const most = parameters.some((parameter) => parameter.repeated) ? Number.POSITIVE_INFINITY : parameters.length;
  if (args.length >= least && args.length <= most) return;
  const takes = least === most ? `${least}` : most === Number.POSITIVE_INFINITY ? `at least ${least}` : `${least} to ${most}`;
  throw new RuleError('INVALID_EXPRESSION', `${name} takes ${takes} arguments, not ${args.length}`, {
    path: ['args'],
    hint: signature(name, definition),
  });
}

function checkArgument(name: string, definition: BuiltInFunction, argument: Argument, index: number): void {
  const parameter = parameterAt(definition, index);
  if (parameter.literal && argument.kind !== 'literal') {
    throw new RuleError(
      'INVALID_EXPRESSION',
      `${name} takes its ${parameter.name} as a literal, not from the field "${argument.name}"`,
      {
        path: ['args', index],
        hint: `Write {value: ${argument.name}} for the text "${argument.name}".`,
      },
    );
  }
  const isNull = argument.kind === 'literal' && argument.value === null;
  if (isNull || argument.type.kind === 'dynamic' || argumentGroups[parameter.accepts](argument.type.kind)) return;
  throw new RuleError('INVALID_EXPRESSION', mismatch(name, parameter, argument.type), {
    path: ['args', index],
    hint: `${signature(name, definition)}. Use \`cast\` in a rule of its own, or an expression.`,
  });
}

/** Before the name is looked for among the fields: who writes `args: [age, text]` means the text. */
function refuseFieldForLiteral(name: string, users: UserFunctions, field: string, index: number): void {
  const definition = !users.has(name) && Object.hasOwn(builtInFunctions, name) ? builtInFunctions[name] : undefined;
  const parameter = definition && parameterAt(definition, index);
  if (!parameter?.literal) return;
  throw new RuleError('INVALID_EXPRESSION', `${name} takes its ${parameter.name} as a literal, not from a field`, {
    path: ['args', index],
    hint: `Write {value: ${field}} for the text "${field}".`,
  });
}

function mismatch(name: string, parameter: Parameter, type: PortableType): string {
  return `${name} takes ${parameter.accepts} as its ${parameter.name}, not ${typeText(type)}`;
}

/** The call in one line, for hints and the reference: `substring(text, start, length?)`. */
export function signature(name: string, definition: BuiltInFunction): string {
  const parameters = definition.parameters.map(
    (parameter) => `${parameter.name}${parameter.optional ? '?' : ''}${parameter.repeated ? '...' : ''}`,
  );
  return `${name}(${parameters.join(', ')})`;
}

import { dynamicType, type JsonValue, PolyshiftError, type PortableValue } from '@polyshift/core';
import { compareValues, comparisonKind } from '../../values/compare-values.ts';
import { plainForm } from '../../values/plain-form.ts';
import { readText } from '../../values/read-text.ts';
import { type Evaluate, invalid, type Operator, ofNamed, ofValues, type Result, unfit } from '../operator.ts';

/** Comparisons, logic and choice. */
export const conditionOperators: Readonly<Record<string, Operator>> = {
  $eq: comparison((order) => order === 0),
  $ne: comparison((order) => order !== 0),
  $gt: comparison((order) => order > 0),
  $gte: comparison((order) => order >= 0),
  $lt: comparison((order) => order < 0),
  $lte: comparison((order) => order <= 0),
  $cmp: ofValues({ least: 2, most: 2 }, ([left, right]) => compareResults(left, right)),
  $and: ofValues({ least: 1 }, (values) => values.every(isTrue)),
  $or: ofValues({ least: 1 }, (values) => values.some(isTrue)),
  $not: ofValues({ least: 1, most: 1 }, ([value]) => !isTrue(value)),
  $in: ofValues({ least: 2, most: 2 }, ([value, list], name) => {
    const among = list === undefined ? undefined : plainForm(list);
    if (!Array.isArray(among)) throw unfit(name, 'a list', list);
    return among.some((each) => compareResults(value, each) === 0);
  }),
  $cond: (argument, compile, name) => {
    if (!Array.isArray(argument)) return condition(argument, compile, name);
    if (argument.length !== 3) throw invalid(`${name} takes 3 arguments, not ${argument.length}`);
    const [holds, yes, no] = argument.map(compile) as [Evaluate, Evaluate, Evaluate];
    return choice(holds, yes, no);
  },
  $ifNull: (argument, compile, name) => {
    if (!Array.isArray(argument) || argument.length < 2) throw invalid(`${name} takes a list of at least 2 arguments`);
    const parts = argument.map(compile);
    return (document) => {
      let last: Result;
      for (const evaluate of parts) {
        last = evaluate(document);
        if (last !== null && last !== undefined) return last;
      }
      return last;
    };
  },
  $switch: (argument, compile, name) => {
    const { branches, default: otherwise } = (argument ?? {}) as { branches?: JsonValue; default?: JsonValue };
    if (!Array.isArray(branches) || branches.length === 0)
      throw invalid(`${name} needs branches`, 'It is {branches: [{case, then}, ...], default}.');
    const cases = branches.map((branch) => caseOf(branch, compile, name));
    const fallback = otherwise === undefined ? undefined : compile(otherwise);
    return (document) => {
      const found = cases.find(({ holds }) => isTrue(holds(document)));
      if (found) return found.result(document);
      if (fallback) return fallback(document);
      throw new PolyshiftError('CONVERSION_FAILED', `No branch of ${name} holds, and it has no default.`);
    };
  },
};

const condition = ofNamed(['if', 'then', 'else'], [], (given) => choice(given.if!, given.then!, given.else!));

function choice(holds: Evaluate, yes: Evaluate, no: Evaluate): Evaluate {
  return (document) => (isTrue(holds(document)) ? yes(document) : no(document));
}

function caseOf(branch: JsonValue, compile: (value: JsonValue) => Evaluate, name: string): { holds: Evaluate; result: Evaluate } {
  const { case: holds, then } = (typeof branch === 'object' && branch !== null ? branch : {}) as {
    case?: JsonValue;
    then?: JsonValue;
  };
  if (holds === undefined || then === undefined) throw invalid(`a branch of ${name} needs case and then`);
  return { holds: compile(holds), result: compile(then) };
}

function comparison(holds: (order: number) => boolean): Operator {
  return ofValues({ least: 2, most: 2 }, ([left, right]) => holds(compareResults(left, right)));
}

/** The order of values of any kind; missing is null. A text beside a date, a uuid or the like is read as one. */
function compareResults(left: Result, right: Result): number {
  const [a, b] = [plainForm(left ?? null), plainForm(right ?? null)];
  if (comparisonKind(a) !== comparisonKind(b)) {
    if (typeof a === 'string' && b !== null) return compareValues(readAs(a, b), b);
    if (typeof b === 'string' && a !== null) return compareValues(a, readAs(b, a));
  }
  return compareValues(a, b);
}

function readAs(text: string, other: PortableValue): PortableValue {
  return readText(text, dynamicType(other)!) ?? text;
}

/** False, null, missing and zero are not true; everything else is. */
function isTrue(value: Result): boolean {
  if (value === null || value === undefined || value === false) return false;
  return compareValues(value, 0) !== 0;
}

import { type Column, type PortableType, type PortableValue, portableColumn } from '@polyshift/core';
import { parseSpec, type SpecInput } from '../src/index.ts';
import { compileBranches } from '../src/transform/compile-branch.ts';
import type { UserFunctions } from '../src/transform/functions/user-functions.ts';
import { BatchLosses } from '../src/transform/losses.ts';
import { transformBatch } from '../src/transform/transform-batch.ts';

/** Compiles one rule over the given columns and applies it to rows; rejected rows give the message in angle brackets. */
export function applyRule(
  rule: unknown,
  fields: Readonly<Record<string, PortableType>>,
  rows: readonly (readonly (PortableValue | undefined)[])[],
  users: UserFunctions = new Map(),
): { type: PortableType; values: unknown[] } {
  const columns = Object.entries(fields).map(([name, type]): Column => portableColumn(name, type));
  const spec: SpecInput = {
    name: 'bench',
    source: { type: 'memory', url: 'memory:from' },
    target: { type: 'memory', url: 'memory:to' },
    steps: [
      { type: 'extract', source_table: 'rows' },
      { type: 'transform', transformation_rules: { result: rule } as never },
      { type: 'load', target_table: 'rows' },
    ],
  };
  const description = { columns, dynamic: false, key: [columns[0]!.name], approximate_count: undefined };
  const loaded = parseSpec(spec);
  const losses = new BatchLosses(false);
  const branches = compileBranches(loaded, loaded.flows[0]!.branches, description, { users, losses }, () => ({
    name: undefined,
    fixed: false,
  }));
  const column = branches[0]!.rules[0]!.column;
  const values = rows.map((row) => {
    const { outputs, rejected } = transformBatch(branches, losses, { kind: 'rows', columns, rows: [row] });
    if (rejected.length > 0) return `<${rejected[0]!.message}>`;
    const { batch } = outputs[0]!;
    const raw = batch.kind === 'rows' ? batch.rows[0]![0] : undefined;
    return raw === null || raw === undefined ? raw : column.decode(raw);
  });
  return { type: column.type, values };
}

/** Calls a function on fields a, b, c ... of the given types; values wrapped in {value} are literals. */
export function call(name: string, args: readonly ([PortableType, PortableValue | undefined] | { value: unknown })[]) {
  const fields: Record<string, PortableType> = { unused: { kind: 'int32' } };
  const row: (PortableValue | undefined)[] = [1];
  const names = args.map((argument, index) => {
    if (!Array.isArray(argument)) return argument;
    const field = String.fromCharCode(97 + index);
    fields[field] = argument[0];
    row.push(argument[1]);
    return field;
  });
  const { type, values } = applyRule({ type: 'function', function: name, args: names }, fields, [row]);
  return { kind: type.kind, value: values[0] };
}

import type { PostgresqlStatement } from './statement.ts';
import type { Expression } from './tree.ts';

/** A setting that a statement sets; the value as text. */
export interface SessionSetting {
  readonly name: string;
  readonly value: string;
}

/** The settings that a statement sets: SET, SET LOCAL, RESET, and SELECT set_config(...). */
export function settingsOf(statement: PostgresqlStatement): SessionSetting[] {
  if (statement.kind === 'VariableSetStmt') {
    const { name, args = [] } = statement.node;
    return name === undefined ? [] : [{ name: name.toLowerCase(), value: constantText(args[0]) ?? '0' }];
  }
  if (statement.kind !== 'SelectStmt') return [];
  return (statement.node.targetList ?? []).flatMap(({ ResTarget: { val } }) => {
    const call = val?.['FuncCall'] as
      | { funcname: readonly { String: { sval: string } }[]; args?: readonly Expression[] }
      | undefined;
    if (call?.funcname.at(-1)?.String.sval !== 'set_config') return [];
    const name = constantText(call.args?.[0]);
    const value = constantText(call.args?.[1]);
    return name === undefined || value === undefined ? [] : [{ name: name.toLowerCase(), value }];
  });
}

/** The text of a constant; undefined for anything else. */
function constantText(expression: Expression | undefined): string | undefined {
  const constant = expression?.['A_Const'] as
    | { sval?: { sval?: string }; ival?: { ival?: number }; fval?: { fval?: string } }
    | undefined;
  if (constant?.sval) return constant.sval.sval ?? '';
  if (constant?.ival) return String(constant.ival.ival ?? 0);
  return constant?.fval?.fval;
}

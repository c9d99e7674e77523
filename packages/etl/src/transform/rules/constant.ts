import { literalOf } from '@polyshift/core';
import type { ConstantRule } from '../../spec/rule.ts';
import { type CompiledRule, portableRule } from '../compiled-rule.ts';

/** The same value in every row. */
export function compileConstant(target: string, rule: ConstantRule): CompiledRule {
  const { type, value } = literalOf(rule.value);
  return portableRule({ target, type, to: rule.to, reads: [], text: JSON.stringify(rule.value), evaluate: () => value });
}

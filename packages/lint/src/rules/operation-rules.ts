import type { OperationRule } from '../operations/rule.ts';

/** The rules over operations of migrations, by code. */
export const operationRules: Readonly<Record<string, OperationRule>> = {};

import { type CheckDefinition, type Operation, onlineChangeTypes } from '@polyshift/core';
import type { LineSpan, PlacedProblem } from '../ignore/apply-directives.ts';
import type { MigrationFile } from '../read/migration-file.ts';
import type { LintSettings } from '../settings.ts';
import type { OperationRule } from './rule.ts';

/** Holds the rules against the operations of a migration. */
export function checkOperations(
  { migration, operations }: MigrationFile,
  rules: readonly OperationRule[],
  known: { readonly settings: LintSettings; readonly store: string; readonly earlier: readonly Operation[] },
): PlacedProblem[] {
  const created = new Set<string>();
  const context = {
    ...known,
    operations: migration.operations,
    checks: (migration.checks?.before ?? []).filter((check): check is CheckDefinition => check.check !== 'function'),
  };
  // In the online form these are made on a new version of the collection, which nobody uses yet.
  const beside = (type: string) => migration.online === true && (onlineChangeTypes as readonly string[]).includes(type);
  return operations.flatMap(({ operation, place }) => {
    const isNew = (collection: string) => created.has(collection) || beside(operation.type);
    const problems = rules.flatMap((rule) =>
      [...rule.check(operation, { ...context, isNew })].map(({ message, path = [], safe }) => ({
        rule,
        ...place(path),
        message,
        safe,
      })),
    );
    if (operation.type === 'create_collection') created.add(operation.collection);
    if (operation.type === 'extract') created.add(operation.data.into);
    return problems;
  });
}

/** The lines of each operation: from its first line to the one before the next; comments right above an operation belong to it. */
export function operationSpans({ operations }: MigrationFile, text: string): LineSpan[] {
  const lines = text.split('\n');
  const isComment = (line: number) => /^\s*(#|\/\/|\/\*|\*|$)/.test(lines[line - 1] ?? '');
  const starts = operations.map(({ place }) => {
    let { line } = place([]);
    while (line > 1 && isComment(line - 1)) line -= 1;
    return line;
  });
  return starts.map((first, index) => ({ first, last: (starts[index + 1] ?? lines.length + 1) - 1 }));
}

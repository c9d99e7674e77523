import type { OperationPlan, PlannedStep, PlanReport } from '@polyshift/core';
import type { Colours } from './output.ts';
import { countOf, countText } from './quantities.ts';
import { renderServer } from './render-server.ts';

/** The plan of `up`: for each migration its operations, and for each statement phase, lock, rows, risk and undo. */
export function renderPlan(plan: PlanReport, colours: Colours): string {
  const lines = [renderServer(plan.server, plan.current_version, colours)];
  if (plan.migrations.length === 0) return [...lines, '', 'Nothing to do: every migration is applied.'].join('\n');
  for (const migration of plan.migrations) {
    const title = colours.bold(`${migration.version} ${migration.name}`);
    lines.push(
      '',
      `${title}  ${colours.dim(migration.file)}${migration.resumed ? colours.yellow('  goes on where it stopped') : ''}`,
    );
    if (migration.description) lines.push(`  ${migration.description}`);
    migration.operations.forEach((operation, index) => {
      lines.push(...operationLines(operation, index + 1, colours));
    });
  }
  return [...lines, '', planSummary(plan)].join('\n');
}

/** What a plan comes to, in one line. */
function planSummary({ migrations }: PlanReport): string {
  const operations = migrations.flatMap((migration) => migration.operations);
  const risks = new Set(operations.flatMap(({ statements }) => statements.map(({ risk }) => risk)));
  risks.delete('none');
  const risk = risks.size > 0 ? `risks: ${[...risks].map((each) => each.replaceAll('_', ' ')).join(', ')}` : 'no risk known';
  return `${countOf(migrations.length, 'migration')}, ${countOf(operations.length, 'operation')}; ${risk}. Nothing has been run.`;
}

function operationLines(operation: OperationPlan, position: number, colours: Colours): string[] {
  const on = operation.collection === '*' ? '' : ` on ${operation.collection}`;
  return [
    `  ${position}. ${colours.cyan(operation.type)}${on}`,
    ...operation.statements.flatMap((statement) => statementLines(statement, colours)),
  ];
}

function statementLines(step: PlannedStep, colours: Colours): string[] {
  const indent = ' '.repeat(14);
  const [first = '', ...rest] = step.statement.trim().split('\n');
  const facts = [
    lockText(step),
    step.rows === undefined ? undefined : `about ${countText(step.rows)} rows`,
    step.risk === 'none' ? 'no risk' : colours.yellow(`risk: ${step.risk.replaceAll('_', ' ')}`),
  ].filter((fact) => fact !== undefined);
  return [
    `     ${colours.dim(step.phase.padEnd(8))} ${first}`,
    ...rest.map((line) => `${indent}${line}`),
    `${indent}${colours.dim(facts.join('; '))}`,
    `${indent}${colours.dim(`undo: ${step.undo}`)}`,
  ];
}

function lockText({ lock }: PlannedStep): string | undefined {
  if (!lock || lock.held === 'none') return 'no lock';
  return `lock: ${lock.mode}, ${lock.held === 'instant' ? 'for an instant' : lock.held}`;
}

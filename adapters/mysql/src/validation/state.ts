import type { Table } from '../catalog/table.ts';
import { holderCondition, validationPrefix } from '../catalog/validation-holder.ts';
import type { Connection } from '../connection.ts';
import { quote } from '../identifiers.ts';
import { alterTable } from '../online-ddl/alter.ts';
import type { ScriptSource } from '../script/step-script.ts';
import type { Dialect } from '../server-features.ts';
import { checkName, type ValidationCheck } from './compile.ts';

/** A constraint of a validation schema: as it is to be added, beginning with CONSTRAINT. */
export type KeptConstraint = { name: string; definition: string };

/** The constraints that make up the validation schema of a table. */
export function validationConstraints(table: Table): KeptConstraint[] {
  return table.constraints
    .filter(({ name }) => name.startsWith(validationPrefix))
    .map(({ name, definition }) => ({ name, definition }));
}

/** What puts one set of constraints in the place of another, in one statement; undefined where there is nothing to do. */
export function replacement(table: Table, wanted: readonly KeptConstraint[]): string | undefined {
  const present = validationConstraints(table);
  const changes = [
    ...present.map(({ name }) => `DROP CONSTRAINT ${quote(name)}`),
    ...wanted.map(({ definition }) => `ADD ${definition}`),
  ];
  const same = present.length === wanted.length && wanted.every(({ name }) => present.some((each) => each.name === name));
  return changes.length === 0 ||
    (same && present.every((each) => wanted.some(({ definition }) => definition === each.definition)))
    ? undefined
    : changes.join(', ');
}

/**
 * Puts one set of constraints in the place of another. With `unchecked` the rows that are there are not looked at, on servers that can do
 * so; on others the statement is refused where one of them breaks a constraint.
 */
export async function replaceConstraints(
  connection: Connection,
  table: Table,
  wanted: readonly KeptConstraint[],
  dialect: Dialect,
  unchecked: boolean,
): Promise<void> {
  const changes = replacement(table, wanted);
  if (changes === undefined) return;
  const switchOff = unchecked && dialect.uncheckedChecks;
  if (switchOff) await connection.execute('SET check_constraint_checks = 0');
  try {
    await alterTable(connection, table.sql, changes);
  } finally {
    if (switchOff) await connection.execute('SET check_constraint_checks = 1').catch(() => {});
  }
}

/** What {@link replaceConstraints} comes to as statements; `present`: the names of those that are there. */
export function replaceScript(
  table: string,
  present: readonly string[],
  wanted: readonly KeptConstraint[],
  dialect: Dialect,
  unchecked: boolean,
): string[] {
  const changes = [
    ...present.map((name) => `DROP CONSTRAINT ${quote(name)}`),
    ...wanted.map(({ definition }) => `ADD ${definition}`),
  ];
  if (changes.length === 0) return [];
  const alter = `ALTER TABLE ${table} ${changes.join(', ')}`;
  if (!unchecked || !dialect.uncheckedChecks) return [alter];
  return ['SET check_constraint_checks = 0', alter, 'SET check_constraint_checks = 1'];
}

/** The names of the constraints that make up the validation schema of a table, of those that a step which is done has made. */
export function presentNames(live: ScriptSource['live'], made: readonly string[]): readonly string[] {
  if (live === 'whole') return made;
  return live === undefined ? [] : validationConstraints(live).map(({ name }) => name);
}

/** The constraints of a new validation schema: the holder of its text, and the checks. */
export function toConstraints(
  table: string,
  checks: readonly ValidationCheck[],
  definition: object,
  level: 'off' | 'strict' | 'moderate',
): KeptConstraint[] {
  const holder: ValidationCheck = { name: checkName(table), condition: holderCondition(definition) };
  return (level === 'off' ? [holder] : [holder, ...checks]).map(({ name, condition }) => ({
    name,
    definition: `CONSTRAINT ${quote(name)} CHECK (${condition})`,
  }));
}

import { qualified, words } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Adds a constraint to a domain that is validated at once. */
export const addingConstraintToDomain = postgresqlRule({
  code: 'PG136',
  name: 'adding-constraint-to-domain',
  level: 'error',
  doc: {
    what: 'Adds a constraint to a domain that is validated at once.',
    why: 'Every table that has a column of the domain is read.',
    lock: 'SHARE on every table that has a column of the domain: no writes while all rows are read.',
    safe: 'ALTER DOMAIN ... ADD CONSTRAINT ... NOT VALID, and VALIDATE CONSTRAINT in a later transaction.',
  },
  examples: {
    unsafe: ['ALTER DOMAIN positive ADD CONSTRAINT c CHECK (VALUE > 0)', 'ALTER DOMAIN positive SET NOT NULL'],
    safe: ['ALTER DOMAIN positive ADD CONSTRAINT c CHECK (VALUE > 0) NOT VALID'],
  },
  *check(statement) {
    if (statement.kind !== 'AlterDomainStmt') return;
    const { subtype, typeName, def } = statement.node;
    const added = subtype === 'C' && def?.Constraint?.skip_validation !== true;
    if (added || subtype === 'O')
      yield { message: `Every table with a column of domain ${qualified(words(typeName))} is read while it takes no writes.` };
  },
});

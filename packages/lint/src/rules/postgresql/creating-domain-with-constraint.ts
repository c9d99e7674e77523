import { qualified, words } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Creates a domain with a constraint. */
export const creatingDomainWithConstraint = postgresqlRule({
  code: 'PG135',
  name: 'creating-domain-with-constraint',
  level: 'warning',
  doc: {
    what: 'Creates a domain with a constraint.',
    why: 'Changing or dropping the constraint later reads every table that has a column of the domain, with its lock.',
    lock: 'Nothing now; later ACCESS EXCLUSIVE or SHARE on every table that uses it.',
    safe: 'A check constraint on each column.',
  },
  examples: {
    unsafe: ['CREATE DOMAIN positive AS int CHECK (VALUE > 0)'],
    safe: ['CREATE DOMAIN label AS text'],
  },
  *check(statement) {
    if (
      statement.kind !== 'CreateDomainStmt' ||
      !statement.node.constraints?.some(({ Constraint }) => Constraint.contype !== 'CONSTR_DEFAULT')
    )
      return;
    yield {
      message: `Domain ${qualified(words(statement.node.domainname))} carries a constraint that cannot be changed without reading all its tables.`,
    };
  },
});

import { postgresqlRule } from '../../postgresql/rule.ts';

/** Adds an enum value without BEFORE or AFTER. */
export const enumValueOrder = postgresqlRule({
  code: 'PG210',
  name: 'enum-value-order',
  level: 'off',
  doc: {
    what: 'Adds an enum value without BEFORE or AFTER.',
    why: 'It becomes the last one in every comparison and sort.',
    lock: 'Nothing now.',
    safe: "ADD VALUE 'x' AFTER 'y'.",
  },
  examples: {
    unsafe: ["ALTER TYPE mood ADD VALUE 'calm'"],
    safe: ["ALTER TYPE mood ADD VALUE 'calm' AFTER 'sad'"],
  },
  *check(statement) {
    const { kind, node } = statement;
    if (kind === 'AlterEnumStmt' && node.oldVal === undefined && node.newValNeighbor === undefined)
      yield { message: `'${node.newVal}' sorts behind all other values.` };
  },
});

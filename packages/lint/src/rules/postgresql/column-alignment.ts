import { fixedSize, padded } from '../../postgresql/alignment.ts';
import { createdColumns } from '../../postgresql/created-columns.ts';
import { tableName } from '../../postgresql/names.ts';
import { postgresqlRule } from '../../postgresql/rule.ts';

/** Creates a table whose fixed-size columns are in an order that wastes space. */
export const columnAlignment = postgresqlRule({
  code: 'PG218',
  name: 'column-alignment',
  level: 'off',
  doc: {
    what: 'Creates a table whose fixed-size columns are in an order that wastes space.',
    why: 'A bigint behind an int or boolean begins at the next multiple of eight: the row has holes.',
    lock: 'Nothing now.',
    safe: 'Columns of eight bytes first, then four, two, one, then text and the like.',
  },
  examples: {
    unsafe: ['CREATE TABLE t (a boolean, b bigint, c boolean, d bigint)'],
    safe: ['CREATE TABLE t (b bigint, d bigint, a boolean, c boolean)'],
  },
  *check(statement) {
    if (statement.kind !== 'CreateStmt') return;
    const sizes = createdColumns(statement).map(({ column }) => fixedSize(column.type));
    const fixed = sizes.filter((size) => size !== undefined);
    const wasted = padded(fixed) - padded([...fixed].sort((left, right) => right - left));
    if (wasted > 0)
      yield { message: `Each row of ${tableName(statement.node.relation)} has ${wasted} bytes of holes between its columns.` };
  },
});
